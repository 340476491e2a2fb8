"""Secrets in SSM Parameter Store, read once and kept for the life of the function.

Tested in `test_smaller_gateways.py`.
"""

import logging
from typing import TYPE_CHECKING, Final

from handlers.domain.model.secret_text import is_meant, meant
from handlers.gateways.aws_clients import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

_LOG: Final = logging.getLogger(__name__)


class Secret:
    """One secret."""

    def __init__(self, client: "SSMClient", name: str) -> None:
        """Read it through this client from the parameter of this name."""
        self._client = client
        self._name = name
        self._value = ""

    def value(self, *, fresh: bool = False) -> str:
        """Return the secret; `fresh` reads it anew, for one that may have been rotated.

        Blanks, marks and quotes around it are left out, and the log says so.
        """
        if fresh or not self._value:
            with aws_errors(f"read parameter {self._name}"):
                answer = self._client.get_parameter(Name=self._name, WithDecryption=True)
            stored = answer["Parameter"]["Value"]
            self._value = meant(stored)
            if not is_meant(stored):
                _LOG.warning("parameter %s: blanks or quotes around it are left out", self._name)
        return self._value
