"""Installs locked packages into a virtual environment, and says how far it is.

`python install.py FOLDER LOCK WHAT_FOR`, with nothing but the standard library.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

SHOWN_OF_FAILURE = 30
"""Last lines of pip's output that are shown when it fails."""


def main(folder: str, lock: str, what_for: str) -> int:
    """Install; return the process's exit status."""
    began = time.monotonic()
    names = re.findall(r"^([\w.-]+)==", Path(lock).read_text(), re.MULTILINE)
    say(f"Setting up {folder}: {len(names)} packages for {what_for}. This happens once.\n")
    python = str(Path(folder) / "bin" / "python")
    said = run([sys.executable, "-m", "venv", folder], 0)
    if said is None:
        pip = [python, "-m", "pip", "install", "--disable-pip-version-check"]
        said = run([*pip, "--progress-bar", "off", "--require-hashes", "-r", lock], len(names))
    if said is not None:
        say(f"\n{said}\n{folder} could not be set up.\n")
        return 1
    say(f"{folder} is ready after {time.monotonic() - began:.0f} s.\n")
    return 0


def run(command: list[str], most: int) -> str | None:
    """Run a command, showing how many packages it has come to; return what it said if it failed."""
    lines: list[str] = []
    seen = 0
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, **pipes, text=True) as process:  # noqa: S603 - our own
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting ", "Processing ")):
                seen += 1
                show(f"  {seen} of {most}: {Path(line.split()[1]).name}")
            if line.startswith("Installing collected packages"):
                show("  installing ...")
    show("")
    return "".join(lines[-SHOWN_OF_FAILURE:]) if process.returncode else None


def show(text: str) -> None:
    """Write over the present line of a terminal; say nothing where there is none."""
    if os.isatty(2):
        say(f"\r\033[K{text}")


def say(text: str) -> None:
    """Tell the person at the terminal, and leave standard output to the command."""
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
