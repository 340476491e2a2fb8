"""A bounded pool of warm Lambda workers, in place of MiniStack's process for each invocation.

MiniStack starts a new process whenever all of a function's are busy, and keeps it: hundreds of
rollouts at once would be hundreds of processes on a few cores. MiniStack can send a function's
invocations to a URL instead, and here it is that of a few workers, for which invocations wait.
They run the same package; Lambda would start more of them and not let an invocation wait.

Tested in `tests/e2e/test_load.py`.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.host.loopback_server import address, loopback_socket
from sandbox.host.ministack import ACCOUNT_CREDENTIALS
from sandbox.host.sandbox import Sandbox

_CHILD_GUARD: Final = Path(__file__).with_name("child_guard.py")
_ROOT: Final = Path(__file__).parents[2]
_BACKLOG: Final = 4096


@dataclass(frozen=True, kw_only=True)
class Workers:
    """A pool that is up."""

    address: str
    """Where it takes invocations itself: the event as a body, the function's name as a header."""
    pid: int
    """Of its process group too."""


@contextmanager
def warm_workers(
    sandbox: Sandbox, count: int, functions: tuple[str, ...] = ()
) -> Iterator[Workers]:
    """Have a sandbox's functions run by `count` workers until the block ends.

    Args:
        sandbox: whose functions.
        count: of processes.
        functions: names in the template; all of them when none is named.
    """
    chosen = {name: sandbox.stack.functions[name] for name in functions or sandbox.stack.functions}
    lambdas = sandbox.client("lambda")
    described = {
        function: lambdas.get_function_configuration(FunctionName=function)
        for function in chosen.values()
    }
    handlers = {function: one["Handler"] for function, one in described.items()}
    own = {function: one["Environment"]["Variables"] for function, one in described.items()}
    together = {name: value for variables in own.values() for name, value in variables.items()}
    if any(together[name] != variables[name] for variables in own.values() for name in variables):
        raise NotImplementedError("functions that want one variable to be two things")
    listener = loopback_socket()
    listener.listen(_BACKLOG)
    with _running(sandbox, listener, count, handlers, together) as pid:
        for function in handlers:
            lambdas.update_function_configuration(
                FunctionName=function,
                Environment={
                    "Variables": {**own[function], "MINISTACK_LAMBDA_PROXY_URL": address(listener)}
                },
            )
        yield Workers(address=address(listener), pid=pid)


def worker_logs(sandbox: Sandbox) -> list[Path]:
    """Return the files to which the workers' handlers log, one for each pool."""
    return sorted(sandbox.ministack.log.parent.glob("workers-*.log"))


@contextmanager
def _running(
    sandbox: Sandbox,
    listener: socket.socket,
    count: int,
    handlers: Mapping[str, str],
    variables: Mapping[str, str],
) -> Iterator[int]:
    folder = Path(tempfile.mkdtemp(prefix="shingo-workers-"))
    with zipfile.ZipFile(sandbox.package) as package:
        package.extractall(folder)
    log = sandbox.ministack.log.with_name(f"workers-{folder.name}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", str(_CHILD_GUARD), "sandbox.host.worker", str(folder)],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=[listener.fileno()],
            cwd=folder,
            env={
                **{
                    name: os.environ[name]
                    for name in ("PATH", "HOME", "LANG")
                    if name in os.environ
                },
                **variables,
                **_places(sandbox),
                "PYTHONPATH": str(_ROOT),
                "PACKAGE": str(folder),
                "HANDLERS": json.dumps(handlers),
                "LISTENS_AT": str(listener.fileno()),
                "WORKERS": str(count),
            },
        )
    try:
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin:
            process.stdin.close()
        listener.close()
        shutil.rmtree(folder, ignore_errors=True)


def _places(sandbox: Sandbox) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": sandbox.stack.endpoint,
        "AWS_ENDPOINT_URL_SFN": sandbox.states_endpoint,
        **sandbox.endpoints,
        **ACCOUNT_CREDENTIALS,
        "AWS_LAMBDA_FUNCTION_NAME": "shingo",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }
