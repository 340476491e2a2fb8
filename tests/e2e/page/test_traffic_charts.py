"""The colors' traffic on the strip that says what ECS runs."""

import pytest
from playwright.sync_api import expect

from sandbox.wire.slack.slack_routes import Workspace
from tests.e2e.page.conftest import opened
from tests.support.slack_server import serving

pytestmark = pytest.mark.browser

MINUTES = 30
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"


def service(color, requests=1200, errors=0, latency=212.4, application="api", **more):
    """A color; a single number stands for the same in each of its minutes."""

    def minutes(values):
        return values if isinstance(values, list) else [values] * MINUTES

    runs = {"taskDefinition": "api:42", "image": "v1.42.0", "running": 2, "desired": 2}
    measured = {"requests": requests, "errors": errors, "latency": latency}
    return {
        "application": application,
        "color": color,
        "rolloutState": "COMPLETED",
        **runs,
        **{name: minutes(values) for name, values in measured.items()},
        **more,
    }


@pytest.fixture
def strip(browser):
    """A page and the world that it shows: what is put into the world appears on the page."""
    world = {"services": []}
    with (
        serving(Workspace(), world_view=lambda: world) as slack,
        opened(browser, slack.address) as page,
    ):

        def show(*services):
            world["services"] = list(services)
            expect(page.locator(".service")).to_have_count(len(services))
            return page

        yield show


def chart(page, color):
    return page.locator(f".service[data-color={color}] .traffic")


def drawn(page, color, path, minute, height=0.5):
    """Whether a color's path covers a point: in the middle of a minute, this far above the ground."""
    return page.locator(f".service[data-color={color}] path.{path}").evaluate(
        "(path, [x, y]) => path.isPointInFill(new DOMPoint(x, path.ownerSVGElement.viewBox.baseVal.height - y))",
        [minute + 0.5, height],
    )


def background(page, color):
    share = page.locator(f".service[data-color={color}] .share")
    return share.evaluate("node => getComputedStyle(node).backgroundColor")


def test_a_color_shows_its_errors_and_its_latency_in_numbers(strip):
    page = strip(service("red", errors=5))

    expect(chart(page, "red").locator(".share")).to_have_text("0.4 %")
    expect(chart(page, "red").locator(".latency")).to_have_text("212 ms")


def test_a_chart_is_a_picture_that_says_its_numbers(strip):
    page = strip(service("red", errors=60))

    picture = page.get_by_role("img", name="red: 1200 requests a minute, 5.0 % errors")
    expect(picture).to_be_visible()
    expect(picture).to_have_accessible_name(
        "red: 1200 requests a minute, 5.0 % errors, p99 latency 212 ms, over the last 5 minutes"
    )


def test_a_color_with_errors_looks_different_from_one_without(strip):
    page = strip(service("red", errors=[0] * 20 + [60] * 10), service("yellow"))

    expect(chart(page, "red")).to_have_attribute("data-errors", "many")
    expect(chart(page, "yellow")).to_have_attribute("data-errors", "none")
    assert drawn(page, "red", "failed", 25)
    assert not drawn(page, "red", "failed", 10, height=2)
    assert not drawn(page, "yellow", "failed", 25)
    assert background(page, "red") != background(page, "yellow")


def test_the_usual_few_errors_do_not_stand_out(strip):
    page = strip(service("red", errors=4), service("yellow"))

    expect(chart(page, "red")).to_have_attribute("data-errors", "few")
    assert background(page, "red") == background(page, "yellow")


def test_one_error_among_few_requests_does_not_stand_out(strip):
    page = strip(service("red", 4, [0] * 29 + [1]))

    expect(chart(page, "red").locator(".share")).to_have_text("5.0 %")
    expect(chart(page, "red")).to_have_attribute("data-errors", "few")


def test_errors_of_long_ago_are_drawn_and_are_not_the_current_value(strip):
    page = strip(service("red", errors=[60] * 10 + [0] * 20))

    expect(chart(page, "red").locator(".share")).to_have_text("0 %")
    expect(chart(page, "red")).to_have_attribute("data-errors", "none")
    assert drawn(page, "red", "failed", 5)


def test_a_missing_minute_is_a_gap_and_one_without_requests_is_not(strip):
    requests = [1200] * MINUTES
    requests[12], requests[20] = None, 0
    errors = [60 if count else count for count in requests]
    page = strip(service("red", requests, errors))

    covered = [drawn(page, "red", "requests", minute) for minute in (11, 12, 13, 20)]

    assert covered == [True, False, True, True]
    assert [drawn(page, "red", "failed", minute) for minute in (11, 12, 13)] == [True, False, True]
    assert not drawn(page, "red", "requests", 20, height=10)


def test_what_was_not_measured_lately_has_no_number(strip):
    requests = [1200] * 20 + [None] * 10
    page = strip(service("red", requests, requests, requests))

    expect(chart(page, "red").locator(".share")).to_have_text("\u2013")
    expect(chart(page, "red").locator(".latency")).to_have_text("\u2013")
    expect(chart(page, "red")).to_have_accessible_name(
        "red: no traffic measured in the last 5 minutes"
    )


def test_the_newest_minute_is_at_the_right_edge_when_there_are_few(strip):
    page = strip(service("red", [1200] * 3, [0] * 3, [212.0] * 3))

    assert [drawn(page, "red", "requests", minute) for minute in (26, 27, 29)] == [
        False,
        True,
        True,
    ]


def test_the_error_shares_of_an_application_are_drawn_to_the_same_scale(strip):
    page = strip(service("red", 300, 60), service("yellow", 1200, 60))

    assert drawn(page, "red", "failed", 15, height=20)
    assert drawn(page, "yellow", "failed", 15, height=5)
    assert not drawn(page, "yellow", "failed", 15, height=8)


def test_little_traffic_is_seen_beside_much(strip):
    page = strip(service("red", 60), service("green", 60_000))

    assert drawn(page, "red", "requests", 15, height=15)
    assert drawn(page, "green", "requests", 15, height=15)


def test_no_chart_is_shown_where_nobody_measures(strip):
    page = strip(service("red", [], [], []))

    expect(page.locator(".service[data-color=red]")).to_contain_text("v1.42.0")
    expect(chart(page, "red")).to_be_hidden()
    expect(page.get_by_text("p99")).to_be_hidden()


def test_changing_numbers_move_nothing(strip):
    page = strip(service("red", errors=5), service("yellow"), service("green"))
    places = "document.querySelectorAll('.service, .traffic svg, #log')"
    boxes = f"[...{places}].map(node => JSON.stringify(node.getBoundingClientRect()))"
    before = page.evaluate(boxes)
    lamp = page.locator(".service[data-color=red] .lamp").element_handle()

    strip(
        service("red", 9_000, 8_999, 12_345.0),
        service("yellow", None, None, None),
        service("green"),
    )
    expect(chart(page, "red").locator(".share")).to_have_text("100 %")
    expect(chart(page, "red").locator(".latency")).to_have_text("12 s")

    assert page.evaluate(boxes) == before
    assert lamp.evaluate("node => node.isConnected")


def test_names_are_words_and_never_markup(strip):
    page = strip(
        service(HOSTILE, errors=60, application=HOSTILE, image=HOSTILE, taskDefinition=HOSTILE)
    )

    expect(page.locator("#world")).to_contain_text(HOSTILE)
    expect(page.locator("#world .traffic .share")).to_have_text("5.0 %")
    assert page.locator("#world img").count() == 0
    assert page.title() == "# deploys · Shingo sandbox"


@pytest.mark.parametrize(("width", "height"), [(1280, 65), (390, 140)])
def test_the_strip_stays_small_and_shows_every_color(strip, width, height):
    page = strip(
        *(service(color, application="web") for color in ("red", "yellow", "green")),
        *(service(color, errors=60) for color in ("red", "yellow", "green")),
    )
    page.set_viewport_size({"width": width, "height": 800})

    for share in page.locator("#world .share").all():
        expect(share).to_be_in_viewport(ratio=1)
    assert page.locator("#world").bounding_box()["height"] <= height
    assert page.evaluate("document.documentElement.scrollWidth") == width
