"""`/rollout …` as people type it, and how it is used."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from handlers.slack.messages.usage_text import USAGE


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
    meant: str = ""
    """What was probably meant, where a command's word stood in place of a tag."""


ApplicationCommand = (
    StatusCommand
    | HistoryCommand
    | EvidenceCommand
    | CapacityCommand
    | RollbackCommand
    | CancelCommand
)
"""What is asked of one application that must be known."""
Command = StartCommand | StartGroupCommand | ApplicationCommand | HelpCommand

_WITHOUT_APPLICATION: Final = {"help", "status"}
"""The words that need no application."""
_COMMANDS: Final[Mapping[str, Callable[[str, str], Command]]] = {
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
_OTHER_WORDS: Final = {
    "abort": "cancel",
    "stop": "cancel",
    "withdraw": "cancel",
    "revert": "rollback",
    "undo": "rollback",
    "roll-back": "rollback",
    "log": "history",
    "logs": "history",
}
"""What people type in place of a tag → the command that they mean."""
_CLOSE: Final = 0.8
"""How alike a tag and a command are that was mistyped: 1 for the same."""


def parse_command(text: str) -> Command:
    """Read what follows `/rollout`."""
    first, rest = _first_word(text)
    second, more = _first_word(rest)
    word = first.lower() or "help"
    if not second and word not in _WITHOUT_APPLICATION:
        return HelpCommand(missing=_usage_of(word))
    if word in _COMMANDS:
        return _COMMANDS[word](second, more)
    meant = _meant(second)
    if meant:
        asked = "" if meant == "help" else f"{meant} {first.partition(',')[0]} {more}".rstrip()
        return HelpCommand(meant=asked)
    if "," in first:
        names = tuple(name for name in first.split(",") if name)
        return StartGroupCommand(applications=names, tag=second, reason=more)
    return StartCommand(application=first, tag=second, reason=more)


def _meant(tag: str) -> str:
    """Return the command that a tag probably was meant for; empty where it is a tag."""
    word = tag.lower()
    if word in _OTHER_WORDS:
        return _OTHER_WORDS[word]
    close = difflib.get_close_matches(word, _COMMANDS, n=1, cutoff=_CLOSE)
    return close[0] if close else ""


def _usage_of(word: str) -> str:
    forms = (form for form in USAGE if form.split()[0] == word)
    return next(forms, next(iter(USAGE)))


def _first_word(text: str) -> tuple[str, str]:
    """Split at the first white space of whatever kind."""
    word, *rest = text.split(maxsplit=1)[:2] or [""]
    return word, rest[0].strip() if rest else ""
