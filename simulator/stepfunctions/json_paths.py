"""Paths into a state's data and into the context object: the forms that the generator uses.

`$` and names after dots. Brackets, indices, wildcards, filters and `..` are refused.
"""

from collections.abc import Sequence
from typing import Final

from simulator.stepfunctions.asl_data import Data, Json, compact
from simulator.stepfunctions.asl_errors import NO_RESULT_PATH, Failure, Refused

MISSING: Final = object()
INPUT: Final = "$$.Execution.Input"
ITEM: Final = "$$.Map.Item.Value"
CONTEXT: Final = {
    "$$.Execution.Id": "execution_id",
    INPUT: "given.value",
    "$$.Execution.Name": "execution_name",
    "$$.Execution.StartTime": "started_at",
    ITEM: "item.value",
    "$$.Task.Token": "token",
}
"""What of the context object is known, and where `Context` has it."""


class Context:
    """What a template may ask about its execution, its task, and its iteration of a Map."""

    __slots__ = ("execution_id", "execution_name", "given", "item", "started_at", "token")

    def __init__(
        self, execution_id: str, execution_name: str, started_at: str, given: Data
    ) -> None:
        self.execution_id = execution_id
        self.given = given
        self.execution_name = execution_name
        self.started_at = started_at
        self.token = ""
        self.item = given  # nobody may look at it but within an iteration

    def of(self, item: Data) -> "Context":
        """Give the same for the iteration of an item."""
        context = Context(self.execution_id, self.execution_name, self.started_at, self.given)
        context.item = item
        return context


class Path:
    """A path into data."""

    __slots__ = ("_names", "text")

    def __init__(self, text: str) -> None:
        """Read a path.

        Raises:
            Refused: It is none, or of another form than names after dots.
        """
        head, *names = text.split(".")
        if head != "$" or not all(name.isidentifier() and name.isascii() for name in names):
            raise Refused(f"path {text!r} is not `$` with plain names after dots")
        self.text = text
        self._names = tuple(names)

    def find(self, value: Json) -> Json:
        """Look it up; gives `MISSING` where there is nothing."""
        for name in self._names:
            if type(value) is not dict or name not in value:
                return MISSING
            value = value[name]
        return value

    def put(self, data: Data, result: Data) -> Data:
        """Give data with a result at this path, and leave what was given as it was.

        Raises:
            Failure: A part of the path holds something that has no names.
        """
        if not self._names:
            return result
        changed = _with(data.value, self._names, result.value, self.text)
        return Data(changed, data.bound + result.bound + len(self.text) + 4 * len(self._names))


def _with(value: Json, names: Sequence[str], result: Json, text: str) -> Json:
    if type(value) is not dict:
        cause = f"Unable to apply ReferencePath {text} to input {compact(value)}"
        raise Failure(NO_RESULT_PATH, cause)
    first, *rest = names
    return {**value, first: _with(value.get(first, {}), rest, result, text) if rest else result}
