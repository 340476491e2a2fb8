"""Lock requirements/*.in with hashes, for any machine; names no package index."""

import subprocess
from pathlib import Path

from install import for_uv, uvs

HERE = Path(__file__).parent
IN_THE_LAMBDA_RUNTIME = ("botocore", "jmespath", "python-dateutil", "six", "urllib3")
"""Come with boto3, which AWS's Python runtime has."""


def lock(group: str, *options: str) -> None:
    """Resolve one group for every platform and every Python that we support."""
    command = [next(uvs()), "pip", "compile", "--quiet", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--upgrade"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    command += ["--custom-compile-command", "make lock", *options]
    command += [f"{group}.in", "--output-file", f"{group}.txt"]
    subprocess.run(command, cwd=HERE, env=for_uv(), check=True)  # noqa: S603  (our own command line)


if __name__ == "__main__":
    lock("uv")
    lock("develop", "--override", "without-sagemaker.in")
    lock("sandbox", "--constraint", "develop.txt")
    lock("generation")
    lock("bench")
    lock("audit")
    lock("lambda", *(f"--no-emit-package={name}" for name in IN_THE_LAMBDA_RUNTIME))
