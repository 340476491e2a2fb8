"""Lock requirements/*.in with hashes, for any machine; names no package index."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
IN_THE_LAMBDA_RUNTIME = ("botocore", "jmespath", "python-dateutil", "six", "urllib3")
"""Come with boto3, which AWS's Python runtime has."""


def lock(group: str, *left_out: str) -> None:
    """Resolve one group for every platform and every Python that we support."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--upgrade"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    command += ["--custom-compile-command", "make lock"]
    command += [f"--no-emit-package={name}" for name in left_out]
    command += [str(HERE / f"{group}.in"), "--output-file", str(HERE / f"{group}.txt")]
    subprocess.run(command, check=True)  # noqa: S603  (our own command line)


if __name__ == "__main__":
    lock("develop")
    lock("generation")
    lock("bench")
    lock("audit")
    lock("lambda", *IN_THE_LAMBDA_RUNTIME)
