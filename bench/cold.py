"""Times the import of a handler in a process that has just begun.

Tested by `make bench` alone.

Run by `make bench`.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Final

from operations.package import ROOT, build_package

HERE: Final = Path(__file__).parent
BUILD: Final = ROOT / "build" / "bench"
IMPORTS: Final[Mapping[str, str]] = {
    "import boto3, and one client": "import boto3; boto3.client('dynamodb')",
    "handlers.receive_slack": "import handlers.receive_slack",
    "handlers.receive_slack, and one client": (
        "import handlers.receive_slack; from handlers.gateways.aws_clients import client; "
        "client('dynamodb')"
    ),
    "the same on slack_bolt": "import bolt_handler",
    "the same on slack_bolt, and one client": (
        "import bolt_handler; from handlers.gateways.aws_clients import client; client('dynamodb')"
    ),
}
"""What is timed, in the order of the table."""
TIMED: Final = (
    "import time; begun = time.perf_counter()\n{code}\nprint(1000 * (time.perf_counter() - begun))"
)


def unpacked() -> Path:
    """Unpack the Lambda package beside slack_bolt and the handler built on it."""
    folder = BUILD / "task"
    shutil.rmtree(folder, ignore_errors=True)
    with zipfile.ZipFile(build_package()) as archive:
        archive.extractall(folder)
    shutil.copy(HERE / "bolt_handler.py", folder)
    if not (BUILD / "bolt" / "slack_bolt").is_dir():
        install, lock = (ROOT / "requirements" / name for name in ("install.py", "bench.txt"))
        command = [
            sys.executable,
            str(install),
            "--plain",
            str(BUILD / "bolt"),
            str(lock),
            "the bench",
        ]
        subprocess.run(command, check=True)  # noqa: S603  (our own command)
    return folder


def compiled(folder: Path) -> None:
    """Write the bytecode of everything in the folders that the handlers are imported from."""
    for each in (folder, BUILD / "bolt"):
        command = [sys.executable, "-m", "compileall", "-q", str(each)]
        subprocess.run(command, check=False)  # noqa: S603  (our own command)


def without_bytecode(folder: Path) -> None:
    """Remove all bytecode: a package has none, and Lambda cannot write any beside it."""
    for each in (folder, BUILD / "bolt"):
        for cache in each.rglob("__pycache__"):
            shutil.rmtree(cache, ignore_errors=True)


def import_times(
    folder: Path, rounds: int, progress: Callable[[str], None]
) -> dict[str, list[float]]:
    """Time each import in processes of its own, by turns, so that a busy moment hits all alike.

    Args:
        folder: where the handlers are.
        rounds: processes of each.
        progress: told which round it is.

    Returns:
        What was imported → milliseconds, one a round.
    """
    times: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for number in range(rounds):
        progress(f"round {number + 1} of {rounds}")
        for name, code in IMPORTS.items():
            times[name].append(_timed(folder, code))
    return times


def _timed(folder: Path, code: str) -> float:
    # Bolt needs the parts of slack_sdk that our package leaves out.
    folders = [BUILD / "bolt", folder] if "bolt" in code else [folder]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    command = [sys.executable, "-P", "-c", TIMED.format(code=code)]
    done = subprocess.run(  # noqa: S603  (our own command)
        command, env=environment, cwd=BUILD, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


def rows(times: Mapping[str, list[float]]) -> list[tuple[str, ...]]:
    """Write the times as a table's rows: best, median, and how often boto3's they are."""
    (_, reference), *_ = times.items()
    return [
        (
            name,
            f"{min(taken):.0f}",
            f"{median(taken):.0f}",
            f"{min(taken) / min(reference):.2f}",
            f"{median(taken) / median(reference):.2f}",
        )
        for name, taken in times.items()
    ]
