"""Reports of tests as execnet can send them from a worker."""

from typing import Any


def sendable(value: Any) -> Any:
    """Return the same data with every lone surrogate escaped, as `\\ud83d`.

    execnet encodes every text as UTF-8 and ends the worker where it cannot
    (`gateway_base._write_unicode_string`). Then a test that failed over half an emoji is not
    reported at all, nor is any test behind it.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {sendable(key): sendable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(sendable(one) for one in value)
    return value
