"""The page when its server goes away, and what it shows of ECS."""

import pytest
from playwright.sync_api import expect

from sandbox.wire.slack.slack_routes import Workspace
from tests.support.slack_server import serving

pytestmark = pytest.mark.browser


def service(color, image, running=2, state="COMPLETED"):
    revision = {"application": "api", "color": color, "taskDefinition": "api:42", "image": image}
    return {**revision, "running": running, "desired": 2, "rolloutState": state}


def test_the_page_says_so_when_the_server_is_gone_and_recovers_when_it_is_back(browser):
    with browser.new_context() as context:
        page = context.new_page()
        with serving(Workspace()) as running:
            running.people.say("alice", "before the restart")
            page.goto(running.address)
            expect(page.get_by_text("before the restart")).to_be_visible()
            port = int(running.address.rsplit(":", 1)[1])

        expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
        expect(page.get_by_text("before the restart")).to_be_visible()
        with serving(Workspace(), port=port) as again:
            again.people.say("alice", "after the restart")
            expect(page.get_by_text("after the restart")).to_be_visible()
            expect(page.locator("#banner")).to_be_hidden()
            expect(page.get_by_text("before the restart")).to_have_count(0)


def test_what_ecs_runs_is_shown_and_followed(browser):
    world = {"services": [service("red", "v1.41.0"), service("green", "v1.41.0")]}
    with browser.new_context() as context, serving(Workspace(), world_view=lambda: world) as slack:
        page = context.new_page()
        page.goto(slack.address)
        expect(page.locator("#world")).to_contain_text("v1.41.0")

        world["services"] = [service("red", "v1.42.0", 1, "IN_PROGRESS")]

        expect(page.locator("[data-color=red]")).to_contain_text("v1.42.0")
        expect(page.locator("[data-color=red] .tasks")).to_have_text("1/2")
        expect(page.locator("[data-color=green]")).to_have_count(0)


def test_nothing_is_said_of_ecs_when_nobody_provides_it(browser):
    with browser.new_context() as context, serving(Workspace()) as slack:
        page = context.new_page()
        page.goto(slack.address)

        expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        expect(page.locator("#world")).to_be_hidden()
