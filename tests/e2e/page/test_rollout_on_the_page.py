"""A newcomer's first rollout: the real sandbox in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.page.conftest import opened
from tests.support.playing import BRIEFLY, patient_sandbox

pytestmark = [pytest.mark.browser, pytest.mark.wire]

ACCELERATION = 120
"""On a busy machine the first call of each function takes seconds."""


@pytest.fixture(scope="module")
def sandbox():
    with patient_sandbox(ACCELERATION, settings={"api": BRIEFLY, "web": BRIEFLY}) as running:
        yield running


@pytest.fixture
def channel(browser, sandbox):
    with opened(browser, sandbox.address) as page:
        yield page


def become(channel, name):
    channel.get_by_label("Who you are").select_option(label=name)
    expect(channel.get_by_role("button", name=f"{name} you")).to_be_visible()


def say(channel, line):
    channel.get_by_label("Message or slash command").fill(line)
    channel.get_by_role("button", name="Send").click()


def approve(channel, color):
    channel.get_by_role("button", name=f"Approve {color}").click()


def reject(channel, reason):
    """Press *Reject*, and give the dialog that opens its reason."""
    channel.get_by_role("button", name=re.compile("^Reject")).click()
    dialog = channel.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(reason)
    dialog.get_by_role("button", name="Reject").click()
    expect(dialog).to_have_count(0)


def runs(channel, color):
    """Find what the strip on top says that a color of api runs."""
    application = channel.locator("#world .application", has_text="api")
    return application.locator(f".service[data-color={color}]")


def test_a_newcomer_asks_approves_red_rejects_yellow_and_sees_red_go_back(channel):
    become(channel, "alice")
    say(channel, "/rollout api v1.42.0 faster search")
    expect(channel.locator(".only-you")).to_contain_text("api v1.42.0")
    board = channel.locator("article", has=channel.get_by_role("heading", name="api v1.42.0"))
    expect(board).to_contain_text("faster search")
    expect(runs(channel, "red")).to_contain_text("v1.41.0")

    become(channel, "bob")
    approve(channel, "red")

    expect(board).to_contain_text("red runs the release")
    expect(board).to_contain_text("(edited)")
    expect(runs(channel, "red")).to_contain_text("v1.42.0")
    expect(runs(channel, "yellow")).to_contain_text("v1.41.0")

    question = channel.locator("article", has_text="Deploy api v1.42.0 to yellow?")
    expect(question.get_by_role("button", name="Approve yellow")).to_be_visible()
    reject(channel, "the error rate doubled")

    expect(board).to_contain_text("red was put back")
    expect(board).to_contain_text("Rejected")
    expect(board).to_contain_text("the error rate doubled")
    expect(channel.get_by_role("button", name=re.compile("Approve|Reject"))).to_have_count(0)
    for color in ("red", "yellow", "green"):
        expect(runs(channel, color)).to_contain_text("v1.41.0")
    board.get_by_role("button", name=re.compile("replies")).click()
    expect(channel.locator("#thread")).to_contain_text("red is back on api:1")
