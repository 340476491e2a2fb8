"""A Chromium for the page's tests, and the page of a running workspace in it."""

import os
import shutil
import warnings
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from sandbox.wire.slack import Workspace
from tests.wire.slack_server import serving

NAMES = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "chromium", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoChromiumWarning(UserWarning):
    """The page's tests were left out because no Chromium was found."""


def find_chromium():
    """Return the path of a Chromium: the one that SHINGO_CHROMIUM names, or an installed one."""
    named = os.environ.get("SHINGO_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    return next(filter(None, map(shutil.which, NAMES)), None)


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
    with serving(Workspace(enforce_rates=False), patience=2.0) as running:
        yield running


@pytest.fixture
def page(browser, slack):
    """The page as alice sees it on a wide screen; an error in its console fails the test."""
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        opened = context.new_page()
        errors = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        opened.on(
            "console", lambda said: errors.append(said.text) if said.type == "error" else None
        )
        opened.goto(slack.address)
        opened.wait_for_selector("#connection[data-state=live]")
        opened.console_errors = errors
        yield opened
        assert errors == []
