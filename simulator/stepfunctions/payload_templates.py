"""Parameters and ResultSelector: JSON in which a key that ends in `.$` is looked up.

A template is read once. What is static in it is shared by all that it renders.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Final

from simulator.stepfunctions.asl_data import Data, Json, compact
from simulator.stepfunctions.asl_errors import Refused, runtime
from simulator.stepfunctions.intrinsics import intrinsic
from simulator.stepfunctions.json_paths import CONTEXT, INPUT, ITEM, MISSING, Context, Path

_Part = Callable[[Json, Context], Json]
_CONTEXT_BYTES: Final = 2_048
"""More than any value of the context object has, but for the execution's input and an item."""


class Template:
    """A template, ready to render."""

    __slots__ = ("_own_bytes", "_part", "_references", "uses")

    def __init__(self, source: Json) -> None:
        """Read a template.

        Raises:
            Refused: A path or function in it is not known.
        """
        self.uses: set[str] = set()
        """What of the context object it looks at."""
        self._references = 0
        self._own_bytes = len(compact(source).encode())
        part = self._read(source)
        self._part: _Part = part if part is not None else lambda *_: source

    def render(self, data: Data, context: Context) -> Data:
        """Fill in what is looked up.

        Raises:
            Failure: A path finds nothing; no Catch sees it.
        """
        bound = self._own_bytes + self._references * data.bound
        bound += _CONTEXT_BYTES * len(self.uses) + context.given.bound * (INPUT in self.uses)
        bound += context.item.bound * (ITEM in self.uses)
        return Data(self._part(data.value, context), bound)

    def _read(self, source: Json) -> _Part | None:
        """Give what renders a part; nothing for one that is always the same."""
        if isinstance(source, list):
            if any(self._read(item) is not None for item in source):
                raise Refused("a template that looks something up within a list")
            return None
        if not isinstance(source, dict):
            return None
        parts: dict[str, _Part | None] = {}
        for key, value in source.items():
            name = key.removesuffix(".$")
            if name in parts:
                raise Refused(f"{name!r} is given twice")
            parts[name] = self._read(value) if name == key else self._looked_up(key, value)
        if not any(parts.values()):
            return None
        return _object(
            tuple((name, part or _constant(source[name])) for name, part in parts.items())
        )

    def _looked_up(self, key: str, text: Json) -> _Part:
        if not isinstance(text, str):
            raise Refused(f"{key!r} is not looked up by a text but by {text!r}")
        if text.startswith("$$"):
            if text not in CONTEXT:
                raise Refused(f"context path {text!r}")
            self.uses.add(text)
            read = attrgetter(CONTEXT[text])
            return lambda _, context: read(context)
        if not text.startswith("$"):
            # Data written as a text is at most twice as long: every quote is escaped.
            self._references += text.count("$") * 2 ** text.count("States.JsonToString")
            call = intrinsic(text)
            return lambda value, _: call(value)
        self._references += 1
        return _at(key, Path(text))


def _constant(value: Json) -> _Part:
    return lambda *_: value


def _object(parts: tuple[tuple[str, _Part], ...]) -> _Part:
    return lambda value, context: {name: part(value, context) for name, part in parts}


def _at(key: str, path: Path) -> _Part:
    def part(value: Json, _: Context) -> Json:
        found = path.find(value)
        if found is MISSING:
            raise runtime(
                f"The JSONPath '{path.text}' specified for the field '{key}' could not be found "
                f"in the input '{compact(value)}'"
            )
        return found

    return part
