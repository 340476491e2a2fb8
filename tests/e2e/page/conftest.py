"""A Chromium for the page's tests, and the page of a running workspace in it."""

import warnings
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect, sync_playwright

from sandbox.wire.slack.slack_routes import Workspace
from tests.support.install_browser import find_chromium
from tests.support.patience import PATIENCE
from tests.support.slack_server import serving

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=1000 * PATIENCE)


class NoChromiumWarning(UserWarning):
    """The page's tests were left out because no Chromium was found."""


@pytest.fixture(scope="session")
def browser():
    chromium = find_chromium()
    if chromium is None:
        told = "THE CHANNEL PAGE IS NOT TESTED: no Chromium. Install one, or set SHINGO_CHROMIUM."
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.warn(told, NoChromiumWarning, stacklevel=1)
        pytest.skip(told)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def slack():
    with serving(Workspace(enforce_rates=False)) as running:
        yield running


@contextmanager
def opened(browser, address):
    """Open a channel page on a wide screen; an error in its console fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        context.set_default_timeout(1000 * PATIENCE)
        page = context.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(address)
        page.wait_for_selector("#connection[data-state=live]")
        page.console_errors = errors
        yield page
        assert errors == []


@pytest.fixture
def page(browser, slack):
    """The page as alice sees it."""
    with opened(browser, slack.address) as page:
        yield page
