"""Takes the README's picture of the channel: red verified, yellow asked about (`make screenshot`).

Plays a scenario in the sandbox, and takes the page in a Chromium as bob sees it.
"""

import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from handlers.domain.model.rollout import Rollout, Stage
from sandbox.host.running_sandbox import running_sandbox
from sandbox.scenarios.catalogue import SCENARIOS
from sandbox.scenarios.runner import run_scenario
from tests.support.install_browser import find_chromium
from tests.support.patience import PATIENCE

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "channel.png"
SIZE: ViewportSize = {"width": 1120, "height": 816}
WAIT = 20_000
"""Milliseconds in which the board must say what its record says."""


def take(chromium: str, target: Path) -> list[str]:
    """Play a rollout; take its page at the moment when people are asked about yellow."""
    taken: list[Path] = []

    def show(rollout: Rollout | None) -> None:
        if taken or rollout is None or rollout.colors["yellow"].stage is not Stage.ASKING:
            return
        page.goto(sandbox.address)
        page.select_option("#who", label="bob")
        page.get_by_role("button", name="Approve").wait_for(timeout=WAIT)
        page.screenshot(path=target)
        taken.append(target)

    with running_sandbox() as sandbox, sync_playwright() as playwright:
        # A click that a busy machine answers late must not be in the picture.
        sandbox.people.timeout = PATIENCE
        # Playwright gives each browser a profile folder of its own.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="light")
        run = run_scenario(sandbox, "happy", SCENARIOS["happy"], show=show)
        browser.close()
    return run.problems if taken else ["nobody was asked about yellow"]


def main() -> str | None:
    """Take it; return the exit status."""
    chromium = find_chromium()
    if chromium is None:
        return "No Chromium: install one, or name it in SHINGO_CHROMIUM."
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    return "\n".join(take(chromium, PICTURE)) or None


if __name__ == "__main__":
    sys.exit(main())
