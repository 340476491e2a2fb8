"""How `/rollout` is used. Tested in `test_command_parser.py`."""

from collections.abc import Iterable
from typing import Final

from handlers.slack.messages.markup import plain

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


def usage(applications: Iterable[str], missing: str = "") -> str:
    """Return the help of the command; the usage of an incomplete command comes first."""
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


def did_you_mean(command: str) -> str:
    """Say what was probably meant by a command's word in place of a tag; nothing was started."""
    return (
        f"Nothing was started. Did you mean `/rollout {plain(command)}`? "
        "A tag of that name is rolled out through the API."
    )


def _line(form: str) -> str:
    return f"`/rollout {plain(form)}` {USAGE[form]}."
