"""AWS's query protocol and EC2's dialect of it: form-encoded parameters in, XML out.

Tested in `tests/contract/wire/test_elb_wire.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.requests import Request
from starlette.responses import Response

from sandbox.wire.fault_injection import WireError

_REQUEST_ID = "00000000-0000-4000-8000-000000000000"


def members(found: Mapping[str, str], name: str) -> list[str]:
    """Return a list parameter (`Name.member.1`, `Name.member.2`, …) in its order."""
    return numbered(found, f"{name}.member")


def numbered(found: Mapping[str, str], name: str) -> list[str]:
    """Return a list parameter as EC2 writes it (`Name.1`, `Name.2`, …) in its order."""
    prefix = f"{name}."
    found_ones = [
        (int(key.removeprefix(prefix)), value)
        for key, value in found.items()
        if key.startswith(prefix) and key.removeprefix(prefix).isdecimal()
    ]
    return [value for _, value in sorted(found_ones)]


def structures(found: Mapping[str, str], name: str) -> list[dict[str, str]]:
    """Return a list of structures (`Name.member.1.Id`, `Name.member.1.Port`, …) in its order."""
    prefix = f"{name}.member."
    numbered: dict[int, dict[str, str]] = {}
    for key, value in found.items():
        number, _, member = key.removeprefix(prefix).partition(".")
        if key.startswith(prefix) and number.isdecimal() and member:
            numbered.setdefault(int(number), {})[member] = value
    return [numbered[number] for number in sorted(numbered)]


@dataclass(frozen=True)
class QueryProtocol:
    """The query protocol of a service, by its XML namespace."""

    namespace: str

    def read(self, _request: Request, body: bytes) -> tuple[str, dict[str, str]]:
        """Return the operation and its parameters. What is not UTF-8 is replaced."""
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        return form.get("Action", ""), form

    def write(self, operation: str, content: Mapping[str, Any]) -> Response:
        """Write an answer: dicts become elements, lists become `member` elements."""
        root = Element(f"{operation}Response", {"xmlns": self.namespace})
        _fill(SubElement(root, f"{operation}Result"), content)
        _fill(SubElement(root, "ResponseMetadata"), {"RequestId": _REQUEST_ID})
        return _document(root)

    def refuse(self, error: WireError) -> Response:
        """Write an error."""
        root = Element("ErrorResponse", {"xmlns": self.namespace})
        said = {"Type": "Sender", "Code": error.code, "Message": str(error)}
        _fill(root, {"Error": said, "RequestId": _REQUEST_ID})
        return _document(root, error.status)


class Ec2Protocol(QueryProtocol):
    """EC2's dialect: no wrapper around the result, and lists become `item` elements."""

    def write(self, operation: str, content: Mapping[str, Any]) -> Response:
        """Write an answer."""
        root = Element(f"{operation}Response", {"xmlns": self.namespace})
        _fill(root, {"requestId": _REQUEST_ID, **content}, "item")
        return _document(root)

    def refuse(self, error: WireError) -> Response:
        """Write an error."""
        root = Element("Response")
        said = {"Code": error.code, "Message": str(error)}
        _fill(root, {"Errors": {"Error": said}, "RequestID": _REQUEST_ID})
        return _document(root, error.status)


def _document(root: Element, status: int = 200) -> Response:
    text: str = tostring(root, encoding="unicode")
    document = f'<?xml version="1.0" encoding="UTF-8"?>{text}'
    return Response(document.encode(), status_code=status, media_type="text/xml")


def _fill(element: Element, value: Any, each: str = "member") -> None:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        for name, item in value.items():
            _fill(SubElement(element, name), item, each)
    elif isinstance(value, list):
        for item in value:
            _fill(SubElement(element, each), item, each)
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
