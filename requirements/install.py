"""Installs locked packages, always by their hashes, and says how far it is.

`python install.py FOLDER LOCK WHAT_FOR` makes a virtual environment of the folder; with
`--plain` before them it only puts the packages there, with `--for-lambda` those for Lambda's
Python on arm64. It runs on the standard library alone.

uv installs, asking the package indexes that pip is set up to ask. Where there is no uv, pip
fetches the locked one into `build/uv`; where that fails too, pip installs.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
FETCHED = HERE.parent / "build" / "uv"
WITH_PIP = sys.executable if find_spec("pip") else getattr(sys, "_base_executable", sys.executable)
"""This Python, or the one that its environment was made of: uv leaves pip out of those."""
PIP = ("-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off")
HASHED = ("--no-deps", "--require-hashes", "-r")
"""A lock names all that is needed, so nothing else is looked for."""
VENV, PLAIN, FOR_LAMBDA = "", "--plain", "--for-lambda"
UV_PLATFORM = ("--python-platform", "aarch64-manylinux2014", "--python-version", "3.13")
PIP_PLATFORM = (
    *("--platform", "manylinux2014_aarch64", "--python-version", "3.13"),
    *("--implementation", "cp"),
)
WHEELS = "--only-binary=:all:"
SHOWN_OF_FAILURE = 30
"""Last lines of an installer's output that are shown when it fails."""

IN_UVS_WORDS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
"""Settings of pip → uv's variables for the same."""


def main(arguments: Sequence[str]) -> int:
    """Install; return the process's exit status."""
    kind = arguments[0] if arguments[0] in {PLAIN, FOR_LAMBDA} else VENV
    folder, lock, what_for = arguments[-3:]
    began = time.monotonic()
    count = len(re.findall(r"^[\w.-]+==", Path(lock).read_text(), re.MULTILINE))
    say(f"Setting up {folder}: {count} packages for {what_for}. This happens once.\n")
    failure = install(folder, lock, kind, count)
    if failure:
        say(f"\n{failure}\n{folder} could not be set up.\n")
        return 1
    say(f"{folder} is ready after {time.monotonic() - began:.0f} s.\n")
    return 0


def install(folder: str, lock: str, kind: str, count: int) -> str:
    """Install by the first installer that can; return what the last one said if none could."""
    for uv in uvs():
        failure = by_uv(uv, folder, lock, kind)
        if not failure:
            return ""
        say(f"{uv} could not: {failure.strip().splitlines()[-1]}\n")
    return by_pip(folder, lock, kind, count)


def by_uv(uv: str, folder: str, lock: str, kind: str) -> str:
    """Let uv install; return what it said if it failed."""
    python = Path(folder) / "bin" / "python"
    where = ["--target", folder, "--python", sys.executable]
    if kind == FOR_LAMBDA:
        where += [*UV_PLATFORM, WHEELS]
    if kind == VENV:
        where = ["--python", str(python)]
        if not python.exists():
            failure = run([sys.executable, "-m", "venv", "--without-pip", folder])
            if failure:
                return failure
    failure = run([uv, "pip", "install", "--quiet", *where, *HASHED, lock], environment=for_uv())
    (Path(folder) / ".lock").unlink(missing_ok=True)  # uv leaves it beside the packages
    return failure


def by_pip(folder: str, lock: str, kind: str, count: int) -> str:
    """Let pip install, compiling nothing that may never run; return what it said if it failed."""
    command = [WITH_PIP, *PIP, "--no-compile", "--target", folder]
    if kind == FOR_LAMBDA:
        command += [*PIP_PLATFORM, WHEELS]
    if kind == VENV:
        failure = run([sys.executable, "-m", "venv", folder])
        if failure:
            return failure
        command = [str(Path(folder) / "bin" / "python"), *PIP, "--no-compile"]
    return run([*command, *HASHED, lock], count)


def uvs() -> Iterator[str]:
    """Give the uv that this machine has, then the locked one."""
    if found := shutil.which("uv"):
        yield found
    lock = HERE / "uv.txt"
    uv = FETCHED / "bin" / "uv"
    stamp = FETCHED / "installed.txt"
    if not uv.exists() or not stamp.exists() or stamp.read_text() != lock.read_text():
        shutil.rmtree(FETCHED, ignore_errors=True)
        failure = by_pip(str(FETCHED), str(lock), PLAIN, 1)
        if failure:
            say(f"uv could not be fetched: {failure.strip().splitlines()[-1]}\n")
            return
        stamp.write_text(lock.read_text())
    yield str(uv)


def for_uv() -> dict[str, str]:
    """Return uv's environment: what pip is set up to ask, unless uv itself is told otherwise.

    As with pip, the best version of any index counts, and not the first index that knows the
    name; which file that may be is said by its hash.
    """
    told = {IN_UVS_WORDS[name]: value for name, value in pip_settings().items()}
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **told, **os.environ}


def pip_settings() -> Mapping[str, str]:
    """Read pip's settings that matter to uv, of its files and of the environment, which wins."""
    command = [WITH_PIP, "-m", "pip", "config", "list"]
    listed = subprocess.run(  # noqa: S603 - our own
        command, capture_output=True, text=True, check=False
    )
    found = dict(re.findall(r"^(?:global|install)\.([\w-]+)=(.+)$", listed.stdout, re.MULTILINE))
    found = {name: ast.literal_eval(value) for name, value in found.items()}
    for name in IN_UVS_WORDS:
        found[name] = os.environ.get(f"PIP_{name.replace('-', '_').upper()}", found.get(name, ""))
    # Several places are parted by blanks, but those of files for uv by commas.
    parted = {name: " ".join(found[name].split()) for name in IN_UVS_WORDS}
    parted["find-links"] = parted["find-links"].replace(" ", ",")
    return {name: value for name, value in parted.items() if value}


def run(command: Sequence[str], most: int = 0, environment: Mapping[str, str] | None = None) -> str:
    """Run a command, showing how many packages it has come to; return what it said if it failed."""
    lines: list[str] = []
    seen = 0
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        process = subprocess.Popen(command, **pipes, env=environment, text=True)  # noqa: S603 - our own
    except OSError as error:
        return str(error)
    with process:
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith(("Collecting ", "Processing ")):
                seen += 1
                show(f"  {seen} of {most}: {Path(line.split()[1]).name}")
            if line.startswith("Installing collected packages"):
                show("  installing ...")
    show("")
    said = "".join(lines[-SHOWN_OF_FAILURE:]) or f"{command[0]} said nothing"
    return said if process.returncode else ""


def show(text: str) -> None:
    """Write over the present line of a terminal; say nothing where there is none."""
    if os.isatty(2):
        say(f"\r\033[K{text}")


def say(text: str) -> None:
    """Tell the person at the terminal, and leave standard output to the command."""
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
