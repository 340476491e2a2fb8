"""AWS's JSON protocols: the operation in a header, objects in and out.

Tested with the services that speak them, in `tests/contract/wire`.

Tested in `test_rates.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sandbox.wire.fault_injection import WireError


@dataclass(frozen=True)
class JsonProtocol:
    """The JSON protocol in one of its versions: `1.0` or `1.1`."""

    version: str

    @property
    def media_type(self) -> str:
        """The content type of requests and answers."""
        return f"application/x-amz-json-{self.version}"

    def read(self, request: Request, body: bytes) -> tuple[str, dict[str, Any]]:
        """Return the operation and its parameters.

        Raises:
            WireError: The body is not a JSON object.
        """
        try:
            parameters = json.loads(body or b"{}")
        except ValueError as error:
            raise WireError("SerializationException", "The body is not JSON.") from error
        if not isinstance(parameters, dict):
            raise WireError("SerializationException", "The body is not a JSON object.")
        return request.headers.get("x-amz-target", "").rpartition(".")[2], parameters

    def write(self, _operation: str, content: Mapping[str, Any]) -> Response:
        """Write an answer."""
        return Response(json.dumps(content), media_type=self.media_type)

    def refuse(self, error: WireError) -> Response:
        """Write an error."""
        content = {"__type": error.code, "message": str(error)}
        # Services that once spoke the query protocol repeat its code here; botocore prefers it.
        headers = {"x-amzn-query-error": f"{error.code};Sender"}
        return Response(json.dumps(content), error.status, headers, self.media_type)
