"""`/rollout …` as people type it, and how it is used."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.slack.messages import plain

USAGE: Final = {
    "<application> <tag> [reason]": "rolls an image out: red, then yellow, then green, "
    "asking here before each",
    "<applications> <tag> [reason]": "rolls several out as one release (`web,api`), one after the "
    "other; a failure stops the rest",
    "status [application]": "says what is rolled out now, or what every color runs",
    "history <application> [rollout]": "lists the last rollouts, and tells the story of one",
    "evidence <application> [rollout]": "shows again what verification saw of each color, "
    "of the last rollout that has any or of one",
    "capacity <application>": "says what its tasks reserve and use, and what they could reserve",
    "rollback <application> [reason]": "goes back to what ran before the last completed rollout, "
    "asking like any other",
    "cancel <application>": "withdraws the open rollout, or puts back what it has changed",
    "help": "says this",
}
"""What may follow `/rollout` → what it does. Where it begins with a word of these, that word is
the command, and an application of that name is started by the API alone."""


@dataclass(frozen=True, kw_only=True)
class StartCommand:
    """`/rollout <application> <tag> [reason…]`."""

    application: str
    tag: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StartGroupCommand:
    """`/rollout <application>,<application>… <tag> [reason…]`."""

    applications: tuple[str, ...]
    tag: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class StatusCommand:
    """`/rollout status [application]`."""

    application: str
    """Empty for all of them."""


@dataclass(frozen=True, kw_only=True)
class HistoryCommand:
    """`/rollout history <application> [rollout]`."""

    application: str
    rollout: str
    """Whose story is told; empty for the latest."""


@dataclass(frozen=True, kw_only=True)
class EvidenceCommand:
    """`/rollout evidence <application> [rollout]`."""

    application: str
    rollout: str
    """Whose evidence is shown; empty for the last that has any."""


@dataclass(frozen=True, kw_only=True)
class CapacityCommand:
    """`/rollout capacity <application>`."""

    application: str


@dataclass(frozen=True, kw_only=True)
class RollbackCommand:
    """`/rollout rollback <application> [reason…]`."""

    application: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CancelCommand:
    """`/rollout cancel <application>`."""

    application: str


@dataclass(frozen=True, kw_only=True)
class HelpCommand:
    """`/rollout help`, or anything that is not a command."""

    missing: str = ""
    """The usage of what was begun and not finished; empty where help is what was asked for."""


AboutOne = (
    StatusCommand
    | HistoryCommand
    | EvidenceCommand
    | CapacityCommand
    | RollbackCommand
    | CancelCommand
)
"""What is asked of one application that must be known."""
Command = StartCommand | StartGroupCommand | AboutOne | HelpCommand

_ALONE: Final = {"help", "status"}
"""The words that need no application."""
_WORDS: Final[Mapping[str, Callable[[str, str], Command]]] = {
    "help": lambda *_: HelpCommand(),
    "status": lambda application, _: StatusCommand(application=application),
    "history": lambda application, more: HistoryCommand(
        application=application, rollout=_first_word(more)[0]
    ),
    "evidence": lambda application, more: EvidenceCommand(
        application=application, rollout=_first_word(more)[0]
    ),
    "capacity": lambda application, _: CapacityCommand(application=application),
    "rollback": lambda application, more: RollbackCommand(application=application, reason=more),
    "cancel": lambda application, _: CancelCommand(application=application),
}
"""Word → the command that it begins, of the word after it and of the rest."""


def parse_command(text: str) -> Command:
    """Read what follows `/rollout`."""
    first, rest = _first_word(text)
    second, more = _first_word(rest)
    word = first.lower() or "help"
    if not second and word not in _ALONE:
        return HelpCommand(missing=_usage_of(word))
    if word in _WORDS:
        return _WORDS[word](second, more)
    if "," in first:
        names = tuple(name for name in first.split(",") if name)
        return StartGroupCommand(applications=names, tag=second, reason=more)
    return StartCommand(application=first, tag=second, reason=more)


def usage(applications: Iterable[str], missing: str = "") -> str:
    """Say how the command is used; what was only begun comes first."""
    names = sorted(applications)
    lines = [_line(form) for form in USAGE]
    if missing:
        lines = [f"Something is missing: {_line(missing)}", "", *lines]
    return "\n".join(
        [
            *lines,
            f"For example `/rollout {names[0]} v1.42.0 faster search`.",
            f"Applications: {', '.join(names)}.",
        ]
    )


def _line(form: str) -> str:
    return f"`/rollout {plain(form)}` {USAGE[form]}."


def _usage_of(word: str) -> str:
    forms = (form for form in USAGE if form.split()[0] == word)
    return next(forms, next(iter(USAGE)))


def _first_word(text: str) -> tuple[str, str]:
    """Split at the first white space of whatever kind."""
    word, *rest = text.split(maxsplit=1)[:2] or [""]
    return word, rest[0].strip() if rest else ""
