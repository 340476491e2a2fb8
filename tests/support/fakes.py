"""In-memory stand-ins that keep the rules of what they stand for."""

import json

from handlers.domain.admission.image_push import MediaTypes
from handlers.domain.admission.image_scan import Scan
from handlers.domain.model.errors import NotPushed, NotThere, SlackUnavailable, TokenGone
from handlers.domain.model.measurements import Lines, Points, Unmeasured
from handlers.domain.model.outcomes import Verdict
from handlers.domain.model.rollout import Board
from tests.support.builders import image


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
