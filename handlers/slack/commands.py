"""`/rollout …` as people type it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class StartCommand:
    """`/rollout <application> <tag> [reason…]`."""

    application: str
    tag: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class HelpCommand:
    """`/rollout help`, or anything that is not a command."""


def parse_command(text: str) -> StartCommand | HelpCommand:
    """Read what follows `/rollout`."""
    application, _, rest = text.strip().partition(" ")
    tag, _, reason = rest.strip().partition(" ")
    if not application or not tag:
        return HelpCommand()
    return StartCommand(application=application, tag=tag, reason=reason.strip())
