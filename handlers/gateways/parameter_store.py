"""Secrets in SSM Parameter Store, read once and kept for the life of the function.

Tested in `test_smaller_gateways.py`.
"""

from typing import TYPE_CHECKING

from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class Secret:
    """One secret."""

    def __init__(self, client: "SSMClient", name: str) -> None:
        """Read it through this client from the parameter of this name."""
        self._client = client
        self._name = name
        self._value = ""

    def value(self, *, fresh: bool = False) -> str:
        """Return the secret; `fresh` reads it anew, for one that may have been rotated."""
        if fresh or not self._value:
            with aws_errors(f"read parameter {self._name}"):
                answer = self._client.get_parameter(Name=self._name, WithDecryption=True)
            self._value = answer["Parameter"]["Value"]
        return self._value
