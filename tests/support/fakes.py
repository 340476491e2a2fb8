"""In-memory stand-ins that keep the rules of what they stand for.

`tests/gateways` runs the same tests against the tables' fakes and against the real tables on
moto, so that what a handler's test rests on stays true.
"""

import json
from dataclasses import is_dataclass, replace

from handlers.domain.admission.image_push import MediaTypes
from handlers.domain.admission.image_scan import Scan
from handlers.domain.history.audit import chronological
from handlers.domain.model.errors import NotPushed, NotThere, SlackUnavailable, TokenGone
from handlers.domain.model.group import Part
from handlers.domain.model.measurements import Lines, Points, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import Board, Stage
from handlers.gateways.dynamodb_table import ConditionFailed
from tests.support.builders import image


class FakeRecords:
    """Records of one kind, by id, changed attribute by attribute as a table does."""

    def __init__(self, *records):
        self.records = {record.id: record for record in records}

    def create(self, record):
        return self.records.setdefault(record.id, record)

    def get(self, id_):
        return self.records.get(id_)

    def read(self, id_):
        if id_ not in self.records:
            raise NotThere(f"there is no record of {self.kind} {id_}")
        return self.records[id_]

    def change(self, id_, **changes):
        if id_ not in self.records:
            raise ConditionFailed(id_)
        record = self.records[id_]
        for path, value in changes.items():
            parts = path.removesuffix("?").split(".")
            if not path.endswith("?") or _at(record, parts) is None:
                record = _with(record, parts, value)
        self.records[id_] = record
        return record

    def set_board_once(self, id_, board):
        return self.change(id_, **{"board?": board})

    def mark_board(self, id_, *, is_behind):
        return self.change(id_, board_is_behind=is_behind)

    def mark_swept(self, id_):
        return self.change(id_, is_mended=True)


class FakeRollouts(FakeRecords):
    kind = "rollout"

    def begin(self, rollout, waited):
        record = self.records.get(rollout.id)
        here = record.awaits if record else None
        if here is None or (here.kind, here.since) != (waited.kind, waited.since):
            return record or rollout
        names = ("release", "colors", "changes", "despite", "known_bad", "awaits")
        return self.change(rollout.id, **{name: getattr(rollout, name) for name in names})

    def change_color(self, rollout, color, *, now, **changes):
        if rollout not in self.records:
            raise ConditionFailed(rollout)
        times = self.records[rollout].colors[color].times
        if "stage" in changes:
            changes["times"] = {changes["stage"]: now} | dict(times)
        return self.change(rollout, **{f"colors.{color}.{k}": v for k, v in changes.items()})

    def settle_color(self, rollout, seen, *, now, **changes):
        if rollout not in self.records:
            raise NotThere(rollout)
        here = self.records[rollout].colors[seen.color]
        is_moved = (here.stage, here.deployment) != (seen.stage, seen.deployment)
        if is_moved or self.records[rollout].outcome:
            return self.records[rollout], False
        return self.change_color(rollout, seen.color, now=now, **changes), True

    def decide_color(self, rollout, color, decision):
        if self.read(rollout).is_open:
            self.change_color(rollout, color, now=decision.at, decision=decision)

    def ask_about(self, rollout, seen, *, now, **changes):
        here = self.read(rollout).colors[seen.color]
        if self.records[rollout].outcome:
            return self.records[rollout]
        doubts = [each.doubt.id if each.doubt else None for each in (here, seen)]
        if (here.stage, here.approval) != (seen.stage, seen.approval) or doubts[0] != doubts[1]:
            return self.records[rollout]
        return self.change_color(rollout, seen.color, now=now, **changes)

    def reopen(self, rollout):
        if self.read(rollout.id).outcome != rollout.outcome:
            raise ConditionFailed(rollout.id)
        changes = {"outcome": "", "cause": "", "ended": None, "is_mended": False}
        for color in rollout.colors.values():
            if color.approval and color.decision is None:
                changes[f"colors.{color.color}.approval"] = ""
            if color.doubt and color.doubt.decision is None:
                changes[f"colors.{color.color}.doubt"] = None
        return self.change(rollout.id, **changes)

    def record_revision(self, rollout, revision):
        return self.change(rollout, **{"release.revision": revision})

    def ask_rollback_once(self, rollout, decision):
        return self.change(rollout, **{"roll_back_asked?": decision})

    def record_doubt_approvals(self, rollout, color, doubt, approved_by, *, now):
        return self._change_doubt(rollout, color, doubt, now, {"doubt.approved_by": approved_by})

    def decide_doubt(self, rollout, color, doubt, decision, stage):
        changes = {"doubt.decision": decision} | ({"stage": stage} if stage else {})
        return self._change_doubt(rollout, color, doubt, decision.at, changes)

    def _change_doubt(self, rollout, color, doubt, now, changes):
        here = self.read(rollout).colors[color]
        if self.records[rollout].outcome:
            return self.records[rollout]
        if here.stage is not Stage.UNCLEAR or here.doubt is None or here.doubt.id != doubt:
            return self.records[rollout]
        return self.change_color(rollout, color, now=now, **changes)

    def close(self, rollout, *, outcome, cause, now):
        if rollout not in self.records or self.records[rollout].outcome:
            return None
        ends = {"outcome": outcome, "cause": cause, "ended": now, "board_is_behind": True}
        return self.change(rollout, **ends)

    def newest(self, application, most):
        own = [r for r in self.records.values() if r.application == application]
        return sorted(own, key=lambda rollout: rollout.started, reverse=True)[:most]


class FakeGroupRecords(FakeRecords):
    kind = "group"

    def newest(self, most):
        return sorted(self.records.values(), key=lambda g: g.started, reverse=True)[:most]

    def change_member(self, group, application, **changes):
        here = f"members.{application}"
        return self.change(group, **{f"{here}.{name}": value for name, value in changes.items()})

    def mark_failed_once(self, group, application):
        return self.change(group, **{"failed?": application})

    def record_arrival(self, group, application, *, color, token):
        return self.change_member(group, application, color=color, token=token)

    def clear_token(self, group, application):
        return self.change_member(group, application, token="")

    def move_member(self, group, seen, **changes):
        here = self.read(group)
        if not here.is_open or here.members[seen.application].part is not seen.part:
            return here
        if changes.get("part") is Part.FAILED:
            self.change(group, **{"failed?": seen.application})
        return self.change_member(group, seen.application, **changes)

    def close(self, group, *, outcome, cause, now):
        if group not in self.records or self.records[group].outcome:
            return None
        ends = {"outcome": outcome, "cause": cause, "ended": now, "board_is_behind": True}
        return self.change(group, **ends)


def _at(record, path):
    for name in path:
        record = getattr(record, name) if is_dataclass(record) else record.get(name)
    return record


def _with(record, path, value):
    name, *rest = path
    if is_dataclass(record):
        return replace(
            record, **{name: _with(getattr(record, name), rest, value)} if rest else {name: value}
        )
    return {**record, name: _with(record[name], rest, value) if rest else value}


class FakeApprovals:
    def __init__(self, *approvals):
        self.records = {approval.id: approval for approval in approvals}

    def ask(self, approval):
        self.records.setdefault(approval.id, approval)

    def get(self, approval):
        return self.records.get(approval)

    def replace_token(self, approval, token):
        return self._unless_decided(approval, token=token) if approval in self.records else None

    def approve(self, approval, key, given):
        answers = self.records[approval].answers if approval in self.records else {}
        return self._unless_decided(approval, answers={key: given} | dict(answers))

    def remind(self, approval, number):
        if approval not in self.records or self.records[approval].reminded >= number:
            return False
        self.records[approval] = replace(self.records[approval], reminded=number)
        return True

    def decide(self, approval, decision):
        standing = self._unless_decided(approval, decision=decision)
        return standing, standing.decision == decision

    def _unless_decided(self, approval, **changes):
        if approval not in self.records:
            raise NotThere(approval)
        if self.records[approval].decision is None:
            self.records[approval] = replace(self.records[approval], **changes)
        return self.records[approval]


class FakeAudit:
    def __init__(self, *entries):
        self.records = {(entry.rollout, entry.event): entry for entry in entries}

    def note(self, entry):
        self.records.setdefault((entry.rollout, entry.event), entry)

    def entries(self, rollout):
        return chronological(entry for entry in self.records.values() if entry.rollout == rollout)

    def told(self, *kinds):
        """Return the details of what was noted, in order, of these kinds or of all."""
        found = chronological(self.records.values())
        return [entry.detail for entry in found if entry.kind in kinds or not kinds]


class FakeLocks:
    def __init__(self, *locks):
        self.held = {lock.application: lock for lock in locks}

    def get(self, application):
        return self.held.get(application)

    def take(self, lock, *, instead_of=""):
        holder = self.held.get(lock.application)
        if holder is None or holder.execution in {lock.execution, instead_of}:
            self.held[lock.application] = lock
        return self.held[lock.application]

    def free(self, application, execution):
        if application in self.held and self.held[application].execution == execution:
            del self.held[application]


class FakeWaits:
    def __init__(self, *waits):
        self.records = {wait.id: wait for wait in waits}

    def put(self, wait):
        self.records[wait.id] = wait

    def get(self, service):
        return self.records.get(service)


class FakeExecutions:
    """Step Functions: a token can be answered once, a name can be started once."""

    def __init__(self, *running, gone=()):
        self.running = set(running)
        self.gone = set(gone)
        self.started = {}
        self.answers = {}

    def start(self, name, document):
        self.started.setdefault(name, document)

    def answer(self, token, output):
        if token in self.gone or token in self.answers:
            raise TokenGone("the task token is closed")
        self.answers[token] = json.loads(json.dumps(output))

    def status(self, execution):
        return "RUNNING" if execution in self.running else ""

    def is_running(self, execution):
        return execution in self.running


class FakeImages:
    def __init__(self, **digests):
        """Know these tags, in whatever repository."""
        self.digests = digests
        self.scans = {}
        self.media = {}
        self.indices = {}
        """Digest of an index → its manifests; each of these has a scan, the index has none."""

    def pinned(self, repository, tag):
        if tag not in self.digests:
            raise NotPushed(f"look up {repository}:{tag}: ImageNotFoundException")
        return image(self.digests[tag], repository)

    def media_types(self, repository, digest):
        return self.media.get(digest, MediaTypes())

    def scan(self, repository, digest):
        return Scan() if digest in self.indices else self.scans.get(digest, Scan())

    def manifests(self, repository, digest):
        return self.indices.get(digest, ())


class FakeInstances:
    """The cluster's container instances that take tasks."""

    def __init__(self, *instances):
        self.known = list(instances)

    def active(self, cluster):
        if cluster != "recipes":
            raise NotThere(f"list container instances of {cluster}: ClusterNotFoundException")
        return list(self.known)


class FakeMetrics:
    """CloudWatch: values by the service or color in a query, and alarms by name."""

    def __init__(self, **alarms):
        self.alarm_states = alarms
        self.values = {}

    def series(self, queries, start, end, period):
        nothing = Unmeasured(verdict=Verdict.NO_DATA, why="CloudWatch has no values.")
        return {name: _within(self.values.get(name, nothing), start, end) for name in queries}

    def alarms(self, names):
        missing = Unmeasured(verdict=Verdict.ERROR, why="There is no such alarm.")
        return {name: self.alarm_states.get(name, missing) for name in names}


def _within(measured, start, end):
    if isinstance(measured, Unmeasured):
        return measured
    return Points(values={at: v for at, v in measured.values.items() if start <= at < end})


class FakeLogs:
    """Lines by stream."""

    def __init__(self, **lines):
        self.lines = lines

    def find(self, group, streams, pattern, start, end):
        return Lines(count=sum(self.lines.get(stream, 0) for stream in streams))


class FakeSmoke:
    def __init__(self, answer=None):
        self.answer = answer

    def get(self, url):
        return self.answer or Unmeasured(verdict=Verdict.ERROR, why="It does not answer.")


class FakeBalancers:
    def __init__(self, **groups):
        self.groups = groups

    def targets(self, target_group):
        return list(self.groups.get(target_group, ()))


class FakeSlack:
    """A channel: messages in order, those of a thread with their parent's `ts`."""

    def __init__(self):
        self.messages = []
        self.is_down = False

    def post(self, channel, *, text, blocks=(), thread=""):
        self._answer()
        ts = f"1.{len(self.messages) + 1:06}"
        self.messages.append(
            {"channel": channel, "ts": ts, "text": text, "blocks": blocks, "thread": thread}
        )
        return Board(channel=channel, ts=ts)

    def edit(self, message, *, text, blocks):
        self._answer()
        found = [
            m for m in self.messages if (m["channel"], m["ts"]) == (message.channel, message.ts)
        ]
        if not found:
            raise SlackUnavailable("chat.update: message_not_found")
        found[0].update(text=text, blocks=blocks)

    def said(self, *, in_thread):
        return [
            m["text"] for m in self.messages if bool(m["thread"]) is in_thread and not m["blocks"]
        ]

    def boards(self):
        return [m for m in self.messages if m["blocks"]]

    def _answer(self):
        if self.is_down:
            raise SlackUnavailable("chat: ratelimited")


class FakeSecret:
    """A parameter as the function remembers it, and as it is since it was rotated."""

    def __init__(self, remembered, present=""):
        self._remembered = remembered
        self._present = present or remembered

    def value(self, *, fresh=False):
        if fresh:
            self._remembered = self._present
        return self._remembered
