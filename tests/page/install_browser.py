"""Install Chromium for the page's tests where it is missing and can be; say so where it cannot."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> None:
    if os.environ.get("SHINGO_CHROMIUM") or any(shutil.which(name) for name in NAMES):
        return
    apt = shutil.which("apt-get")
    if apt and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Installing Chromium for the page's tests ...", file=sys.stderr)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([apt, "update"], check=False, timeout=180, **quiet)
        subprocess.run([apt, "install", "-y", "chromium"], check=False, timeout=300, **quiet)
    if not any(shutil.which(name) for name in NAMES):
        print(
            "NO CHROMIUM: the page's tests will be SKIPPED. Install it, or name it in SHINGO_CHROMIUM.",
            file=sys.stderr,
        )


if __name__ == "__main__":
    main()
