"""Builds the Lambda package: `python -m operations.package [--report]` (`--help` lists the rest).

One zip for every function, the same in one's own account and in the sandbox: `handlers/`,
the locked packages of `requirements/lambda.txt` for python3.13 on arm64, and the files of
applications, clusters and grants at its root. Same sources, same bytes. What the Lambda runtime has
(boto3) is not in it.

On one's own machine the same zip runs on whatever Python runs the sandbox: all of it is pure
Python but for one module of wrapt, which does without it.
"""

import argparse
import fcntl
import hashlib
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from handlers.domain.config.grants import GRANTS_FILE

ROOT: Final = Path(__file__).parents[1]
APPLICATIONS: Final = ROOT / "definitions" / "applications.toml"
CLUSTERS: Final = ROOT / "definitions" / "clusters.toml"
PACKAGE: Final = ROOT / "build" / "lambda.zip"

_BUILD: Final = ROOT / "build"
_LOCK: Final = ROOT / "requirements" / "lambda.txt"
_INSTALL: Final = ROOT / "requirements" / "install.py"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold."""

LEFT_OUT: Final = (
    "aws_lambda_powertools/event_handler/",
    "aws_lambda_powertools/middleware_factory/",
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in (
            "auth_alpha/",
            "batch/",
            "circuit_breaker/",
            "data_classes/",
            "data_masking/",
            "feature_flags/",
            "idempotency/",
            "kafka/",
            "metadata/",
            "parameters/",
            "parser/",
            "serialization.py",
            "streaming/",
            "typing/",
            "validation/",
        )
    ),
    *(
        f"aws_xray_sdk/ext/{name}"
        for name in (
            "aiobotocore/",
            "aiohttp/",
            "bottle/",
            "dbapi2.py",
            "django/",
            "flask/",
            "flask_sqlalchemy/",
            "httplib/",
            "httpx/",
            "mysql/",
            "pg8000/",
            "psycopg/",
            "psycopg2/",
            "pymongo/",
            "pymysql/",
            "pynamodb/",
            "requests/",
            "sqlalchemy/",
            "sqlalchemy_core/",
            "sqlite3/",
        )
    ),
    "wrapt-stubs/",
    "wrapt/_wrappers.c",
)
"""Parts of the packages that nothing imports, of ours or of theirs: over half of the zip."""

_KEPT_METADATA: Final = ("METADATA", "LICENSE", "NOTICE")
"""Names and versions, for scanners of deployed packages, and what the licences ask to keep."""


class PackageError(RuntimeError):
    """The packages could not be installed; the message is the installer's."""


def build_package(
    applications: Path = APPLICATIONS,
    target: Path = PACKAGE,
    clusters: Path = CLUSTERS,
    grants: Path | None = None,
) -> Path:
    """Write the package, or leave it alone when it would come out the same.

    Args:
        applications: the file to carry as `applications.toml`.
        target: where to write it.
        clusters: the file to carry as `clusters.toml`.
        grants: the file to carry as `grants.toml`; without one, preparing does not look at it.

    Raises:
        PackageError: when a package cannot be installed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(_BUILD):
        packages = _installed(_BUILD / "lambda-packages")
        new = target.with_suffix(".new")
        configuration = {"applications.toml": applications, "clusters.toml": clusters}
        configuration |= {GRANTS_FILE: grants} if grants else {}
        _write(new, _sources(packages, configuration))
        new.replace(target)
    return target


def contents(package: Path) -> dict[str, tuple[int, int]]:
    """Say what a package holds: top-level name → bytes in the zip, bytes unpacked."""
    packed: Counter[str] = Counter()
    unpacked: Counter[str] = Counter()
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            name = entry.filename.split("/")[0]
            packed[name] += entry.compress_size
            unpacked[name] += entry.file_size
    return {
        name: (packed[name], unpacked[name]) for name in sorted(packed, key=lambda n: -packed[n])
    }


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep several test processes from building at once."""
    folder.mkdir(exist_ok=True)
    with (folder / ".package.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _installed(folder: Path) -> Path:
    """Install the locked packages, unless they are installed already."""
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    stamp = folder.with_suffix(".sha256")
    if folder.is_dir() and stamp.is_file() and stamp.read_text() == digest:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    command = [sys.executable, str(_INSTALL), "--for-lambda", str(folder), str(_LOCK)]
    run = subprocess.run(
        [*command, "the Lambda package"], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise PackageError(f"{_LOCK.relative_to(ROOT)} could not be installed:\n{run.stderr}")
    stamp.write_text(digest)
    return folder


def _sources(packages: Path, configuration: dict[str, Path]) -> dict[str, Path]:
    """Map each name in the package to the file that it is made of, sorted by name."""
    found = dict(configuration)
    for tree, base in ((ROOT / "handlers", ROOT), (packages, packages)):
        files = (path for path in tree.rglob("*") if path.is_file())
        found |= {path.relative_to(base).as_posix(): path for path in files}
    return {name: found[name] for name in sorted(found) if _belongs(name)}


def _belongs(name: str) -> bool:
    path = Path(name)
    if "__pycache__" in path.parts or path.suffix in {".pyi", ".pyc"} or path.name == "py.typed":
        return False
    if path.parts[0].endswith(".dist-info"):
        return path.name.startswith(_KEPT_METADATA)
    return not name.startswith(LEFT_OUT)


def _write(target: Path, sources: dict[str, Path]) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for name, path in sources.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), compresslevel=9)


def _report(package: Path) -> str:
    rows = contents(package)
    lines = [f"{'':32}{'zip KiB':>10}{'unpacked':>10}"]
    lines += [
        f"{name:32}{size / 1024:>10.1f}{raw / 1024:>10.1f}" for name, (size, raw) in rows.items()
    ]
    total = sum(raw for _, raw in rows.values())
    lines.append(f"{package.name:32}{package.stat().st_size / 1024:>10.1f}{total / 1024:>10.1f}")
    return "\n".join(lines)


def main() -> None:
    """Build it and print its path, or with --report what is in it."""
    parser = argparse.ArgumentParser(prog="python -m operations.package", description=main.__doc__)
    parser.add_argument("--applications", type=Path, default=APPLICATIONS)
    parser.add_argument("--clusters", type=Path, default=CLUSTERS)
    parser.add_argument("--output", type=Path, default=PACKAGE)
    parser.add_argument("--report", action="store_true", help="print what is in it")
    arguments = parser.parse_args()
    package = build_package(arguments.applications, arguments.output, arguments.clusters)
    print(_report(package) if arguments.report else package)


if __name__ == "__main__":
    main()
