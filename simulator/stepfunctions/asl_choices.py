"""The rules of a Choice state, read once: And, Or, IsPresent, IsString, StringEquals."""

from collections.abc import Callable, Mapping
from typing import Final

from simulator.stepfunctions.asl_data import Json
from simulator.stepfunctions.asl_errors import Refused, runtime
from simulator.stepfunctions.json_paths import MISSING, Path

Test = Callable[[Json], bool]
_TOGETHER: Final[Mapping[str, Callable[[list[Test]], Test]]] = {
    "And": lambda tests: lambda value: all(test(value) for test in tests),
    "Or": lambda tests: lambda value: any(test(value) for test in tests),
}


def choice_rule(source: Mapping[str, Json]) -> Test:
    """Read a rule, without its Next.

    Tests in And and Or are made in order, and no more of them than are needed: an IsPresent
    guards what stands after it.

    Raises:
        Refused: It compares in a way that is not known.
    """
    if len(source) == 1:
        ((name, nested),) = source.items()
        if name in _TOGETHER and isinstance(nested, list) and nested:
            return _TOGETHER[name]([choice_rule(each) for each in nested])
    if len(source) != 2 or "Variable" not in source:
        raise Refused(f"choice rule {dict(source)!r}")
    path = Path(source["Variable"])
    ((name, wanted),) = ((key, value) for key, value in source.items() if key != "Variable")
    if name == "IsPresent" and isinstance(wanted, bool):
        return lambda value: (path.find(value) is not MISSING) is wanted
    if name == "IsString" and isinstance(wanted, bool):
        return lambda value: isinstance(_present(path, value), str) is wanted
    if name == "StringEquals" and isinstance(wanted, str):
        return lambda value: bool(_present(path, value) == wanted)
    raise Refused(f"comparison {name!r} with {wanted!r}")


def _present(path: Path, value: Json) -> Json:
    found = path.find(value)
    if found is MISSING:
        raise runtime(
            f"Invalid path '{path.text}': The choice state's condition path references an "
            "invalid value."
        )
    return found
