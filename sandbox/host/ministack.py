"""MiniStack, the local AWS, as a child process that never outlives the sandbox.

Tested in `tests/e2e/test_stack.py`.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from operations.local_aws import ACCOUNT, REGION, aws_client

ACCOUNT_CREDENTIALS: Final[Mapping[str, str]] = {
    "AWS_ACCESS_KEY_ID": ACCOUNT,
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Variables of a process that is to know the sandbox's account, and no other."""

_MEMORY_FOLDER: Final = Path("/dev/shm")  # noqa: S108 - Linux's tmpfs; used through mkdtemp
_CHILD_GUARD: Final = Path(__file__).with_name("child_guard.py")
_START_SECONDS: Final = 300.0
_POLL_SECONDS: Final = 0.05
_INHERITED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")


class MiniStackError(RuntimeError):
    """MiniStack did not start; the message ends with its log."""


@dataclass(frozen=True, kw_only=True)
class MiniStack:
    """A running MiniStack."""

    endpoint: str
    log: Path
    pid: int
    """Of its process group too, in which every Lambda worker is."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - which client it is depends on the name
        """Make a boto3 client of one service, with the sandbox's account and region."""
        return aws_client(service, self.endpoint)


@contextmanager
def running_ministack(environment: Mapping[str, str] | None = None) -> Iterator[MiniStack]:
    """Run MiniStack on a free loopback port until the block ends.

    Args:
        environment: what its Lambda workers are to find beside the usual, such as
            `AWS_ENDPOINT_URL_ECS` and `SLACK_API_URL`.

    Raises:
        MiniStackError: when it does not answer in time.
    """
    folder = Path(tempfile.mkdtemp(prefix="shingo-ministack-", dir=_scratch()))
    log = folder / "ministack.log"
    port = _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            # -P keeps the sandbox's folder, with its stack.py and events.py, off its path.
            [sys.executable, "-P", str(_CHILD_GUARD), "ministack", str(folder)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=_environment(port, folder, environment or {}),
            process_group=0,
        )
    endpoint = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(process, endpoint, log)
        yield MiniStack(endpoint=endpoint, log=log, pid=process.pid)
    finally:
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)


def _scratch() -> Path | None:
    """Prefer memory to disk: every Lambda worker unpacks its own copy of the package."""
    enough = 1024**3
    if os.access(_MEMORY_FOLDER, os.W_OK) and shutil.disk_usage(_MEMORY_FOLDER).free > enough:
        return _MEMORY_FOLDER
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(port: int, folder: Path, more: Mapping[str, str]) -> dict[str, str]:
    """Build what MiniStack and its Lambda workers see: nothing of the user's AWS or Python."""
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_EDITION": folder.name,
        "LOG_LEVEL": "WARNING",
        "LAMBDA_WARM_TTL_SECONDS": "86400",
        # Else it listens for IoT devices on every interface, at 8883, whatever BIND_HOST says.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # With a Docker daemon in reach it would look for containers of its own to remove.
        "DOCKER_HOST": f"unix://{folder}/no-docker",
        **ACCOUNT_CREDENTIALS,
        # There is no X-Ray daemon here to take the segments.
        "POWERTOOLS_TRACE_DISABLED": "true",
        **more,
    }


def _wait_until_healthy(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise MiniStackError(f"MiniStack ended at its start:\n{_tail(log)}")
        if _edition(endpoint) == log.parent.name:
            return
        time.sleep(_POLL_SECONDS)
    raise MiniStackError(f"MiniStack did not answer within {_START_SECONDS:.0f} s:\n{_tail(log)}")


def _edition(endpoint: str) -> str:
    """Return the edition that answers; another process may have taken the free port first."""
    try:
        with urllib.request.urlopen(f"{endpoint}/_ministack/health", timeout=1) as answer:
            return str(json.load(answer).get("edition"))
    except (OSError, ValueError):
        return ""


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Kill the server and every Lambda worker at once; none of their state is kept."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()
