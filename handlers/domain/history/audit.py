"""The audit: what happened to a rollout, when, by whom, and from where it came.

Entries are added and never changed. Nothing in them is secret, so they can be shown to anyone
who may see a board: tokens and response URLs are kept out here, whoever writes the entry.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final

from handlers.domain.approvals.approval import Approval
from handlers.domain.model.rollout import Decision, Rollout

MAX_DETAIL: Final = 2000
"""Characters; an entry explains, the execution's history has the rest."""
MASK: Final = "[left out]"
UNKNOWN_REQUESTER: Final = "unknown"
"""Who asked, where the input does not say. CloudTrail has the caller of StartExecution."""
REQUEST_ID: Final = "request"
"""The id of a rollout's request: noted by whoever starts it, or else when it is prepared."""

_SECRET: Final = re.compile(
    r"(https?://)?hooks\.slack\.com/\S*"  # a response URL: lets anyone post
    r"|[A-Za-z0-9+/=_-]{200,}"  # a task token: 500 characters and more
)
_PASTED: Final = re.compile(rf"{_SECRET.pattern}|\bx(ox[a-z]|app)-[\w-]+")
"""The same, and a token of Slack's, as people may paste one."""


class EventKind(StrEnum):
    """What happened, in the order in which it does."""

    REQUESTED = "requested"
    REFUSED_START = "refused_start"
    ASKED = "asked"
    REMINDED = "reminded"
    ANSWERED = "answered"
    """One of several approvals that are needed."""
    DECIDED = "decided"
    REFUSED_CLICK = "refused_click"
    """An answer of somebody who may not give it, or that came second."""
    STALE_CLICK = "stale_click"
    """An answer to what did not hold any more."""
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    ROLL_BACK_ASKED = "roll_back_asked"
    DEPLOYED = "deployed"
    VERIFIED = "verified"
    DOUBTED = "doubted"
    """Verification could not tell, and people were asked."""
    LATE_FAILURE = "late_failure"
    """A color that was released turned bad while another was asked about."""
    PUT_BACK = "put_back"
    ENDED = "ended"


class Source(StrEnum):
    """From where it came."""

    SLACK = "slack"
    API = "api"
    """IAM: the answers' own route, or StartExecution, by a script or in the console."""
    MACHINE = "machine"


HUMAN_SOURCES: Final = frozenset({Source.SLACK, Source.API})
"""Where people are: what comes from there is somebody's own decision."""


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One thing that happened.

    Raises:
        ValueError: a name in it looks like a secret, its time is in no time zone, or its
            source is not known. In the words of others (`actor`, `detail`) what looks like a
            secret is left out instead: what people paste must not stop a rollout.
    """

    rollout: str
    """The execution's name, also of one that was refused before it began."""
    application: str
    at: datetime
    kind: EventKind
    actor: str
    """A Slack user id, an IAM ARN, or `shingo`."""
    source: str
    """One of `Source`."""
    color: str = ""
    detail: str = ""
    id: str = ""
    """What tells it from others of its kind about the same color, for one that a handler may
    write twice: a deployment's id, a question's, a click's time. The first that is written
    counts. Empty: everything in it tells it from others, its time included."""

    def __post_init__(self) -> None:
        """Keep secrets out."""
        if self.at.tzinfo is None:
            raise ValueError("an audit entry's time needs a time zone")
        if self.source not in set(Source):
            raise ValueError(f"an audit entry's source is one of {', '.join(Source)}")
        object.__setattr__(self, "actor", masked(self.actor))
        object.__setattr__(self, "detail", masked(self.detail))
        for name in ("rollout", "application", "color", "id"):
            if _SECRET.search(getattr(self, name)):
                raise ValueError(f"an audit entry's {name} looks like a secret")
            object.__setattr__(self, name, _writable(getattr(self, name)))

    @property
    def event(self) -> str:
        """What makes it one event of its rollout, however often it is written."""
        own = self.id or _digest([str(getattr(self, field.name)) for field in fields(self)])
        return f"{self.kind}:{self.color}:{own}"


def request_entry(rollout: Rollout) -> AuditEntry:
    """Make the entry of a request that came by StartExecution, from whom its input says."""
    name = rollout.release.name
    return AuditEntry(
        rollout=rollout.id,
        application=rollout.application,
        at=rollout.started,
        kind=EventKind.REQUESTED,
        actor=rollout.requested_by or UNKNOWN_REQUESTER,
        source=Source.API,
        detail=f"{name}: {rollout.reason}" if rollout.reason else name,
        id=REQUEST_ID,
    )


def decision_entry(approval: Approval, decision: Decision) -> AuditEntry:
    """Make the entry of people's decision of a question, the same whoever found it."""
    return AuditEntry(
        rollout=approval.rollout,
        application=approval.application,
        at=decision.at,
        kind=EventKind.DECIDED,
        actor=decision.by,
        source=decision.source,
        color=approval.color,
        detail=f"{decision.outcome}: {decision.reason}" if decision.reason else decision.outcome,
        id=approval.id,
    )


def machine_entry(
    rollout: Rollout, kind: EventKind, at: datetime, *, detail: str, color: str = "", once: str = ""
) -> AuditEntry:
    """Make the entry of something that the machine did to a rollout; `once` is its id."""
    return AuditEntry(
        rollout=rollout.id,
        application=rollout.application,
        at=at,
        kind=kind,
        actor="shingo",
        source=Source.MACHINE,
        color=color,
        detail=detail,
        id=once,
    )


def end_entry(rollout: Rollout, now: datetime) -> AuditEntry:
    """Make the entry of a rollout's end, the same whoever ended it."""
    said = f"{rollout.outcome}: {rollout.cause}"
    return machine_entry(rollout, EventKind.ENDED, rollout.ended or now, detail=said, once="end")


def chronological(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """Put entries in the order in which things happened."""
    kinds = list(EventKind)
    return sorted(entries, key=lambda entry: (entry.at, kinds.index(entry.kind), entry.event))


def masked(text: str) -> str:
    """Leave out of a text of others what looks like a secret, and what is too long."""
    shown = _PASTED.sub(MASK, _writable(text))
    return shown if len(shown) <= MAX_DETAIL else shown[: MAX_DETAIL - 1] + "…"


def _writable(text: str) -> str:
    """Replace what no text can hold: JSON may carry half of a character."""
    return text.encode(errors="replace").decode()


def _digest(texts: list[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
