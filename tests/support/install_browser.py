"""Finds a Chromium for the page's tests; run as a program, installs one where it is missing.

It is installed where that needs no question: by apt-get, by root, as in a container. Elsewhere
the tests are skipped, and this says so. It runs on any Python, before anything is installed.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = (
    "Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "Applications/Chromium.app/Contents/MacOS/Chromium",
)
"""Where macOS keeps it, below `/` or the home folder."""
PLAYWRIGHTS = (
    ".cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)
"""Where `playwright install chromium` keeps it, below the home folder."""
SECONDS = 300

MISSING = """
**************************************************************************************
NO CHROMIUM: the tests of the channel page will be SKIPPED.
Install Chromium or Chrome, or run `.venv/bin/playwright install chromium`, or name one
in SHINGO_CHROMIUM.
**************************************************************************************
"""


def find_chromium() -> "str | None":
    """Return the path of a Chromium: the one that SHINGO_CHROMIUM names, or an installed one."""
    named = os.environ.get("SHINGO_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    home = Path.home()
    placed = [folder / place for folder in (Path("/"), home) for place in PLACES]
    downloaded = [path for pattern in PLAYWRIGHTS for path in sorted(home.glob(pattern))]
    found = [path for path in (*placed, *downloaded) if path.is_file()]
    return next(filter(None, map(shutil.which, NAMES)), None) or next(map(str, found), None)


def install() -> None:
    """Install it by apt-get, where that can be done without asking."""
    apt = shutil.which("apt-get")
    if not apt or os.geteuid() != 0:
        return
    say("Installing Chromium for the tests of the channel page ...\n")
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        try:
            subprocess.run(
                [apt, "-qq", *arguments], check=False, timeout=SECONDS, capture_output=True
            )
        except subprocess.TimeoutExpired:
            return


def say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    if not find_chromium():
        install()
    if not find_chromium():
        say(MISSING)
