import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.commands import HelpCommand, StartCommand, parse_command


def start(application="api", tag="v1.42.0", reason=""):
    return StartCommand(application=application, tag=tag, reason=reason)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("api v1.42.0", start()),
        ("  api   v1.42.0  ", start()),
        ("api v1.42.0 faster search", start(reason="faster search")),
        ("api v1.42.0   faster   search ", start(reason="faster   search")),
        ("api\tv1.42.0", start()),
        ("api\u00a0v1.42.0\nfaster search", start(reason="faster search")),
    ],
)
def test_application_tag_and_reason_are_read(text, command):
    assert parse_command(text) == command


@pytest.mark.parametrize("text", ["", "   ", "help", "api", "HELP"])
def test_everything_else_asks_for_help(text):
    assert parse_command(text) == HelpCommand()


@given(st.text(max_size=50))
def test_whatever_is_typed_is_a_command_or_asks_for_help(text):
    command = parse_command(text)

    if isinstance(command, StartCommand):
        assert command.application
        assert command.tag
        assert command.application == command.application.strip()
    else:
        assert command == HelpCommand()
