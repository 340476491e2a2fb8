"""What follows `/rollout`, read as a command, and the help that says how it is used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.slack.command_parser import (
    CancelCommand,
    CapacityCommand,
    EvidenceCommand,
    HelpCommand,
    HistoryCommand,
    RollbackCommand,
    StartCommand,
    StartGroupCommand,
    StatusCommand,
    parse_command,
)
from handlers.slack.messages.usage_text import USAGE, usage


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
        ("statuses v1", start("statuses", "v1")),
    ],
)
def test_application_tag_and_reason_are_read(text, command):
    assert parse_command(text) == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("status", StatusCommand(application="")),
        ("status api", StatusCommand(application="api")),
        ("STATUS  api now", StatusCommand(application="api")),
        ("history api", HistoryCommand(application="api", rollout="")),
        ("history api api-v1-0a1b", HistoryCommand(application="api", rollout="api-v1-0a1b")),
        ("evidence api", EvidenceCommand(application="api", rollout="")),
        ("evidence api api-v1-0a1b", EvidenceCommand(application="api", rollout="api-v1-0a1b")),
        ("capacity api", CapacityCommand(application="api")),
        ("rollback api", RollbackCommand(application="api", reason="")),
        ("Rollback api it is slow", RollbackCommand(application="api", reason="it is slow")),
        ("cancel api", CancelCommand(application="api")),
        ("help", HelpCommand()),
        ("HELP me", HelpCommand()),
    ],
)
def test_a_word_that_is_a_command_wins_over_an_application_of_that_name(text, command):
    assert parse_command(text) == command


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_asks_for_help(text):
    assert parse_command(text) == HelpCommand()


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("api", "<application> <tag> [reason]"),
        ("history", "history <application> [rollout]"),
        ("evidence", "evidence <application> [rollout]"),
        ("Rollback", "rollback <application> [reason]"),
        ("capacity", "capacity <application>"),
        ("cancel ", "cancel <application>"),
    ],
)
def test_what_is_only_begun_is_answered_with_how_it_goes_on(text, missing):
    assert parse_command(text) == HelpCommand(missing=missing)


@pytest.mark.parametrize("form", USAGE)
def test_what_the_help_says_is_what_is_read(form):
    word, *fields = form.split()
    names = {"<application>": ("api", "start"), "<applications>": ("web,api", "startgroup")}
    everything, name = names.get(word, (word, word))
    everything = " ".join([everything, *(f"value{n}" for n, _ in enumerate(fields))])

    command = parse_command(everything)

    assert type(command).__name__.lower() == f"{name}command"
    assert set(command.__dataclass_fields__) == {
        field.strip("<[]>") for field in form.split() if field[0] in "<["
    } or isinstance(command, HelpCommand)


def test_the_help_names_every_form_and_every_application_and_is_no_markup():
    said = usage(["web", "api"])

    assert said.count("`/rollout ") == len(USAGE) + 1
    assert "`/rollout &lt;application&gt; &lt;tag&gt; [reason]` rolls an image out" in said
    assert "For example `/rollout api v1.42.0 faster search`." in said
    assert said.endswith("Applications: api, web.")


def test_the_help_begins_with_what_was_only_begun():
    said = usage(["api"], "cancel <application>")

    assert said.startswith("Something is missing: `/rollout cancel &lt;application&gt;` withdraws")


@given(st.text(max_size=50))
def test_whatever_is_typed_is_a_command_or_asks_for_help(text):
    command = parse_command(text)

    if isinstance(command, StartCommand):
        assert command.application
        assert command.tag
        assert command.application == command.application.strip()
    if isinstance(command, HelpCommand):
        assert command.missing in {"", *USAGE}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("api rollback", "rollback api"),
        ("api rollback it is slow", "rollback api it is slow"),
        ("api STATUS", "status api"),
        ("api cancel", "cancel api"),
        ("api history", "history api"),
        ("api evidence", "evidence api"),
        ("api capacity", "capacity api"),
        ("api rolback", "rollback api"),
        ("api cancle", "cancel api"),
        ("api undo", "rollback api"),
        ("api stop", "cancel api"),
        ("web,api cancel", "cancel web"),
        ("api help", ""),
    ],
)
def test_a_commands_word_in_place_of_a_tag_starts_nothing(text, meant):
    assert parse_command(text) == HelpCommand(meant=meant)


@pytest.mark.parametrize(
    "tag", ["latest", "stable", "release", "v1", "main", "statuses-v2", "rollback-2026", "deploy"]
)
def test_other_words_are_tags(tag):
    assert parse_command(f"api {tag}") == start(tag=tag)


def test_several_applications_are_one_release():
    command = parse_command("web,api v1.42.0 faster search")

    assert command == StartGroupCommand(
        applications=("web", "api"), tag="v1.42.0", reason="faster search"
    )


def test_several_applications_without_a_tag_are_told_what_is_missing():
    assert isinstance(parse_command("web,api"), HelpCommand)
