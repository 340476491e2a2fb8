"""The audit: what happened to a rollout, when, by whom and from which source.

Entries are added and never changed. Whoever may see a board may see them: task tokens and response
URLs are masked here, whoever writes the entry.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from handlers.domain.approvals.approval import Approval
from handlers.domain.config.people import People
from handlers.domain.model.rollout import Decision, Rollout

MAX_DETAIL: Final = 2000
"""Characters; an entry explains, the execution's history has the rest."""
MASK: Final = "[left out]"
UNKNOWN_REQUESTER: Final = "unknown"
"""Who asked, where the input does not say. CloudTrail has the caller of StartExecution."""
LOG: Final = "shingo.audit"
"""The logger that tells of each entry."""
REQUEST_ID: Final = "request"
"""The id of the entry of a rollout's request, which is written at its start or its preparation."""

REQUEST_EVENT: Final = f"requested::{REQUEST_ID}"
"""Its key within its rollout: `AuditEntry.event`."""

_SECRET: Final = re.compile(
    r"(https?://)?hooks\.slack\.com/\S*"  # a response URL: lets anyone post
    r"|[A-Za-z0-9+/=_-]{200,}"  # a task token: 500 characters and more
)
_PASTED: Final = re.compile(rf"{_SECRET.pattern}|\bx(ox[a-z]|app)-[\w-]+")
"""The same, and Slack's own tokens, as people may paste them."""


class EventKind(StrEnum):
    """What happened, in the order of a rollout."""

    REQUESTED = "requested"
    REFUSED_START = "refused_start"
    ASKED = "asked"
    REMINDED = "reminded"
    ANSWERED = "answered"
    """One of several approvals that are needed."""
    DECIDED = "decided"
    REFUSED_CLICK = "refused_click"
    """An answer of somebody who may not give it, or after the decision."""
    STALE_CLICK = "stale_click"
    """An answer to a question whose snapshot no longer held."""
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ROLL_BACK_ASKED = "roll_back_asked"
    DEPLOYED = "deployed"
    VERIFIED = "verified"
    DOUBTED = "doubted"
    """The verdict was unclear, and people were asked."""
    LATE_FAILURE = "late_failure"
    """A released color became unhealthy while people were asked about another."""
    PUT_BACK = "put_back"
    ENDED = "ended"


class Source(StrEnum):
    """Where an event came from."""

    SLACK = "slack"
    API = "api"
    """IAM: the answers' route, or StartExecution by a script or in the console."""
    PUSH = "push"
    """An image that was pushed, as ECR told. Nobody can type this: a push is known by it."""
    MACHINE = "machine"


HUMAN_SOURCES: Final = frozenset({Source.SLACK, Source.API})
"""Sources of people's own decisions."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who did something."""

    id: str
    """A Slack user id, an IAM ARN, a name in `[people]`, `ecr` or `shingo`."""
    source: str
    """One of `Source`."""
    caller: str = ""
    """The id by which they came, where that is another: with the session of an assumed role."""


SHINGO: Final = Actor(id="shingo", source=Source.MACHINE)


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One thing that happened.

    Raises:
        ValueError: a name in it looks like a secret, its time is in no time zone, or its
            source is not known. What looks like a secret in texts of others (`actor`, `detail`)
            is masked instead: what people paste must not stop a rollout.
    """

    rollout: str
    """The execution's name, also of one that was refused before it began."""
    application: str
    at: datetime
    kind: EventKind
    actor: str
    """A Slack user id, an IAM ARN, a name in `[people]`, or `shingo`."""
    source: str
    """One of `Source`."""
    caller: str = ""
    """The id by which the actor came, where that is another: with the session of a role."""
    color: str = ""
    detail: str = ""
    id: str = ""
    """Makes an entry idempotent that a handler may write twice: the id of a deployment or question,
    or the time of a click. Of equal ids for one kind and color the first entry counts. Empty: all
    fields identify the entry, its time included."""

    def __post_init__(self) -> None:
        """Mask or refuse secrets."""
        if self.at.tzinfo is None:
            raise ValueError("an audit entry's time needs a time zone")
        if self.source not in set(Source):
            raise ValueError(f"an audit entry's source is one of {', '.join(Source)}")
        object.__setattr__(self, "actor", masked(self.actor))
        object.__setattr__(self, "caller", masked(self.caller))
        object.__setattr__(self, "detail", masked(self.detail))
        for name in ("rollout", "application", "color", "id"):
            if _SECRET.search(getattr(self, name)):
                raise ValueError(f"an audit entry's {name} looks like a secret")
            object.__setattr__(self, name, _writable(getattr(self, name)))

    @property
    def event(self) -> str:
        """The key of the entry within its rollout, the same however often it is written."""
        own = self.id or _digest([str(getattr(self, field.name)) for field in fields(self)])
        return f"{self.kind}:{self.color}:{own}"

    @property
    def place(self) -> str:
        """Which entry it is, for the log, where ids of questions must not stand."""
        return place_of(self.rollout, self.event)

    @property
    def digest(self) -> str:
        """What the log says of the entry as it was written: of a changed one it is another.

        Fields that a later version adds do not change it, as long as they say nothing.
        """
        said = {field.name: getattr(self, field.name) for field in fields(self)}
        usual = {field.name: field.default for field in fields(self)}
        return _digest([f"{k}={value}" for k, value in said.items() if value != usual[k]])


def identified(people: People, actor: Actor) -> Actor:
    """Return the actor by the one id of the person, and how they came; idempotent."""
    known = people.identify(actor.id)
    return actor if known == actor.id else replace(actor, id=known, caller=actor.id)


def place_of(rollout: str, event: str) -> str:
    """Return what stands in the log for the key of an entry."""
    return _digest([rollout, event])


def start_entry(
    kind: EventKind, *, rollout: str, application: str, at: datetime, actor: Actor, detail: str
) -> AuditEntry:
    """Return the entry of a request for a rollout, or of its refusal."""
    return AuditEntry(
        rollout=rollout,
        application=application,
        at=at,
        kind=kind,
        actor=actor.id,
        source=actor.source,
        caller=actor.caller,
        detail=detail,
        id=REQUEST_ID,
    )


def request_entry(rollout: Rollout) -> AuditEntry:
    """Return the entry of a request by StartExecution; the actor is whom its input names."""
    name, asked = rollout.release.name, rollout.requested_by or UNKNOWN_REQUESTER
    return start_entry(
        EventKind.REQUESTED,
        rollout=rollout.id,
        application=rollout.application,
        at=rollout.started,
        actor=Actor(id=asked, source=Source.API, caller=rollout.requested_as),
        detail=f"{name}: {rollout.reason}" if rollout.reason else name,
    )


def question_entry(
    approval: Approval,
    kind: EventKind,
    actor: Actor,
    at: datetime,
    *,
    detail: str = "",
    once: str = "",
) -> AuditEntry:
    """Return the entry of something that happened to a question; `once` is its id."""
    return AuditEntry(
        rollout=approval.rollout,
        application=approval.application,
        at=at,
        kind=kind,
        actor=actor.id,
        source=actor.source,
        caller=actor.caller,
        color=approval.color,
        detail=detail,
        id=once,
    )


def decision_entry(approval: Approval, decision: Decision) -> AuditEntry:
    """Make the entry of people's decision of a question, the same whoever writes it."""
    actor = Actor(id=decision.by, source=decision.source, caller=decision.caller)
    detail = _decision_text(decision)
    return question_entry(
        approval, EventKind.DECIDED, actor, decision.at, detail=detail, once=approval.id
    )


def rollout_entry(
    rollout: Rollout,
    kind: EventKind,
    at: datetime,
    *,
    detail: str,
    actor: Actor = SHINGO,
    color: str = "",
    once: str = "",
) -> AuditEntry:
    """Make the entry of something that was done to a rollout; `once` is its id."""
    return AuditEntry(
        rollout=rollout.id,
        application=rollout.application,
        at=at,
        kind=kind,
        actor=actor.id,
        source=actor.source,
        caller=actor.caller,
        color=color,
        detail=detail,
        id=once,
    )


def rollback_entry(rollout: Rollout, decision: Decision, actor: Actor) -> AuditEntry:
    """Make the entry of the decision that a rollout is to go back."""
    kind, detail = EventKind.ROLL_BACK_ASKED, _decision_text(decision)
    return rollout_entry(rollout, kind, decision.at, detail=detail, actor=actor, once=rollout.id)


def _decision_text(decision: Decision) -> str:
    return f"{decision.outcome}: {decision.reason}" if decision.reason else decision.outcome


def end_entry(rollout: Rollout, now: datetime) -> AuditEntry:
    """Return the entry of a rollout's end, the same whoever writes it."""
    detail = f"{rollout.outcome}: {rollout.cause}"
    return rollout_entry(rollout, EventKind.ENDED, rollout.ended or now, detail=detail, once="end")


def chronological(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    kinds = list(EventKind)
    return sorted(entries, key=lambda entry: (entry.at, kinds.index(entry.kind), entry.event))


def masked(text: str) -> str:
    """Return a text of others with its secrets masked, cut to `MAX_DETAIL`."""
    text = _PASTED.sub(MASK, _writable(text))
    return text if len(text) <= MAX_DETAIL else text[: MAX_DETAIL - 1] + "…"


def _writable(text: str) -> str:
    """Replace what UTF-8 cannot encode: JSON may carry half of a surrogate pair."""
    return text.encode(errors="replace").decode()


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
