"""Counts the calls to the sandbox's AWS, and injects faults before or after them.

Tested with the services that use it, in `tests/contract/wire`.

Tested in `test_rates.py`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


class WireError(Exception):
    """An error that is answered, with AWS's name for it.

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
"""Takes the operation and its parameters; raises a `WireError` to have that answered."""


def _let_pass(_operation: str, _parameters: Mapping[str, Any]) -> None:
    pass


@dataclass(slots=True)
class CallInterceptor:
    """Stands between a request and the world.

    Attributes:
        calls: how often each operation was asked for, refused ones included.
        before: called before the effect; an error of it is answered, and there is no effect.
        after: called after the effect; an error of it is answered in place of the result, as
            when an answer is lost on its way.
    """

    calls: Counter[str] = field(default_factory=Counter)
    before: Hook = _let_pass
    after: Hook = _let_pass

    def call(
        self,
        operation: str,
        parameters: Mapping[str, Any],
        effect: Callable[[], dict[str, Any]],
    ) -> dict[str, Any]:
        """Count the call, and carry it out between the two hooks.

        Raises:
            WireError: A hook or the effect raises one.
        """
        self.calls[operation] += 1
        self.before(operation, parameters)
        answer = effect()
        self.after(operation, parameters)
        return answer
