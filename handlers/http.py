"""An HTTP API request (payload format 2.0) as bytes and text, and answers to it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

Response = dict[str, Any]


class NotAForm(ValueError):
    """The body is no form: not UTF-8, or too many fields."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What came in."""

    path: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    """As it was sent: form bodies arrive base64-encoded, and are decoded here."""

    def form(self) -> dict[str, str]:
        """Read the body as a form; of a field given twice, the last counts.

        Raises:
            NotAForm: it is not one.
        """
        try:
            return dict(parse_qsl(self.body.decode(), keep_blank_values=True, max_num_fields=100))
        except ValueError as error:
            raise NotAForm("not a form") from error


def parse_http_request(event: Mapping[str, Any], most: int) -> Request | None:
    """Read a request; None for a body of more than `most` bytes, or one that is not base64."""
    text = event.get("body") or ""
    if len(text) > 2 * most:
        return None
    try:
        encoded = event.get("isBase64Encoded", False)
        body = base64.b64decode(text, validate=True) if encoded else text.encode()
    except (binascii.Error, ValueError):
        return None
    if len(body) > most:
        return None
    headers = {str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()}
    return Request(path=event.get("rawPath", ""), headers=headers, body=body)


def text(status: int, said: str = "") -> Response:
    """Answer with a line of text, or with nothing."""
    return {"statusCode": status, "headers": {"Content-Type": "text/plain"}, "body": said}


def document(body: Mapping[str, object]) -> Response:
    """Answer with a JSON document."""
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": json.dumps(body)}
