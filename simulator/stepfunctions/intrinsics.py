"""`States.Format` and `States.JsonToString`, read once and then called."""

from collections.abc import Callable
from typing import Final

from simulator.stepfunctions.asl_data import Json, compact
from simulator.stepfunctions.asl_errors import Refused, runtime
from simulator.stepfunctions.json_paths import MISSING, Path

Argument = Callable[[Json], Json]
_FORMAT: Final = "States.Format"
_TO_STRING: Final = "States.JsonToString"


def intrinsic(text: str) -> Argument:
    """Read a call, such as `States.Format('{}', States.JsonToString($))`.

    Returns:
        What gives the call's value for a state's data. It raises `Failure` where a path is
        missing, in AWS's words, with the whole call as it was written.

    Raises:
        Refused: It is another function, or an argument of another form.
    """
    call, rest = _argument(text, text)
    if rest:
        raise Refused(f"intrinsic {text!r}: {rest!r} is left over")
    return call


def _argument(rest: str, whole: str) -> tuple[Argument, str]:
    """Read one argument from the front; give it and what follows."""
    if rest.startswith("'"):
        literal, closed, after = rest[1:].partition("'")
        if not closed or "\\" in literal:
            raise Refused(f"intrinsic {whole!r}: a text with no end or with a backslash")
        return (lambda _: literal), after.lstrip()
    if rest.startswith("$"):
        end = min((at for at in map(rest.find, ",)") if at >= 0), default=len(rest))
        return _at(Path(rest[:end].rstrip()), whole), rest[end:]
    for name in (_FORMAT, _TO_STRING):
        if rest.startswith(f"{name}("):
            arguments, after = _arguments(rest[len(name) + 1 :], whole)
            return _call(name, arguments, whole), after
    raise Refused(f"intrinsic {whole!r}: {rest!r} is no text, path or known function")


def _arguments(rest: str, whole: str) -> tuple[list[Argument], str]:
    found = []
    while True:
        argument, rest = _argument(rest.lstrip(), whole)
        found.append(argument)
        if rest.startswith(")"):
            return found, rest[1:].lstrip()
        if not rest.startswith(","):
            raise Refused(f"intrinsic {whole!r}: expected `,` or `)` before {rest!r}")
        rest = rest[1:]


def _at(path: Path, whole: str) -> Argument:
    def value(data: Json) -> Json:
        found = path.find(data)
        if found is MISSING:
            raise runtime(
                f"The function '{whole}' had the following error: The JsonPath argument for the "
                f"field '{path.text}' could not be found in the input '{compact(data)}'"
            )
        return found

    return value


def _call(name: str, arguments: list[Argument], whole: str) -> Argument:
    if name == _FORMAT:
        return _format(arguments, whole)
    if len(arguments) != 1:
        raise Refused(f"intrinsic {whole!r}: {name} takes one argument")
    only = arguments[0]
    return lambda data: compact(only(data))


def _format(arguments: list[Argument], whole: str) -> Argument:
    template, *rest = arguments

    def value(data: Json) -> str:
        text = template(data)
        parts = text.split("{}") if isinstance(text, str) else ()
        if len(parts) != len(rest) + 1:
            raise runtime(f"Invalid arguments in {whole}")
        values = [_shown(argument(data), whole) for argument in rest]
        return "".join(part + shown for part, shown in zip(parts, [*values, ""], strict=True))

    return value


def _shown(value: Json, whole: str) -> str:
    if isinstance(value, dict | list):
        raise Refused(f"intrinsic {whole!r}: formatting an object or a list")
    return value if isinstance(value, str) else compact(value)
