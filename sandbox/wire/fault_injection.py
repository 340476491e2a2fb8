"""The one place where calls to the sandbox's AWS are counted, and where faults can be put in."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class WireError(Exception):
    """An answer that is an error, under AWS's name for it.

    Attributes:
        code: such as `ThrottlingException`.
        status: of HTTP.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        """Make the error that a client will see."""
        super().__init__(message)
        self.code = code
        self.status = status


Hook = Callable[[str, Mapping[str, Any]], None]
"""Takes the operation and its parameters; raises a `WireError` to answer with that instead."""


def _nothing(_operation: str, _parameters: Mapping[str, Any]) -> None:
    pass


@dataclass(slots=True)
class Seam:
    """What stands between a request and the world.

    Attributes:
        calls: how often each operation was asked for, refused ones included.
        before: called before the effect; what it raises is answered, and nothing happens.
        after: called after the effect; what it raises is answered although it has happened,
            as when an answer is lost on its way.
    """

    calls: Counter[str] = field(default_factory=Counter)
    before: Hook = _nothing
    after: Hook = _nothing

    def call(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        effect: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """Count the call, and run it between the two hooks.

        Raises:
            WireError: A hook says so, or the effect does.
        """
        self.calls[operation] += 1
        self.before(operation, parameters)
        answer = effect()
        self.after(operation, parameters)
        return answer
