"""AWS's query protocol: form-encoded parameters in, XML out."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

_REQUEST_ID = "00000000-0000-4000-8000-000000000000"


def parameters(body: bytes) -> dict[str, str]:
    """Read a form body. What is not UTF-8 is replaced and so matches nothing."""
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


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


def response(action: str, result: Mapping[str, Any], namespace: str) -> bytes:
    """Write an answer: dicts become elements, lists become `member` elements."""
    root = Element(f"{action}Response", {"xmlns": namespace})
    _fill(SubElement(root, f"{action}Result"), result)
    _fill(SubElement(root, "ResponseMetadata"), {"RequestId": _REQUEST_ID})
    return _document(root)


def error(code: str, message: str, namespace: str) -> bytes:
    """Write an error."""
    root = Element("ErrorResponse", {"xmlns": namespace})
    _fill(SubElement(root, "Error"), {"Type": "Sender", "Code": code, "Message": message})
    _fill(root, {"RequestId": _REQUEST_ID})
    return _document(root)


def ec2_response(action: str, result: Mapping[str, Any], namespace: str) -> bytes:
    """Write an answer in EC2's dialect: no wrapper, and lists become `item` elements."""
    root = Element(f"{action}Response", {"xmlns": namespace})
    _fill(root, {"requestId": _REQUEST_ID, **result}, "item")
    return _document(root)


def ec2_error(code: str, message: str, _namespace: str) -> bytes:
    """Write an error in EC2's dialect."""
    root = Element("Response")
    told = {"Errors": {"Error": {"Code": code, "Message": message}}, "RequestID": _REQUEST_ID}
    _fill(root, told)
    return _document(root)


def _document(root: Element) -> bytes:
    text: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def _fill(element: Element, value: Any, each: str = "member") -> None:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        for name, item in value.items():
            _fill(SubElement(element, name), item, each)
    elif isinstance(value, list):
        for item in value:
            _fill(SubElement(element, each), item, each)
    else:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
