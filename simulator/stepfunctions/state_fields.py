"""The fields that states share: where they lead, how often they retry, what they catch.

Tested in `tests/contract/stepfunctions`.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from simulator.stepfunctions.asl_data import Json
from simulator.stepfunctions.asl_definition import Catcher, Errors, Retrier
from simulator.stepfunctions.asl_errors import ALL, Refused
from simulator.stepfunctions.json_paths import Path
from simulator.stepfunctions.payload_templates import Template

_RETRY: Final = {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate"}
_CATCH: Final = {"ErrorEquals", "ResultPath", "Next"}


def tokenless_template(source: Json) -> Template:
    """Read a template that has no task token."""
    template = Template(source)
    if "$$.Task.Token" in template.uses:
        raise Refused("a token where there is none")
    return template


def name_of_resource(text: str) -> str:
    """Return the name in `${Name}`, or the text as it is."""
    return text[2:-1] if text.startswith("${") else text


def refuse_others(source: Mapping[str, Json], known: set[str]) -> None:
    """Refuse the fields that are not known."""
    if unknown := sorted(source.keys() - known):
        raise Refused(f"fields {', '.join(unknown)}")


def next_state(source: Mapping[str, Json]) -> str | None:
    """Read where a state leads; None at the end."""
    if ("Next" in source) == (source.get("End") is True):
        raise Refused("it must have either Next or End")
    return source.get("Next")


def result_path(source: Mapping[str, Json], field: str) -> Path | None:
    """Read a ResultPath; none is where the result is thrown away."""
    text = source.get(field, "$")
    return None if text is None else Path(text)


def retriers(source: Mapping[str, Json]) -> Sequence[Retrier]:
    """Read `Retry`."""
    given = source.get("Retry", ())
    for each in given:
        refuse_others(each, _RETRY)
    errors = _errors(given)
    return tuple(
        Retrier(
            errors=names,
            first_after=float(each.get("IntervalSeconds", 1)),
            growing=float(each.get("BackoffRate", 2.0)),
            attempts=int(each.get("MaxAttempts", 3)),
        )
        for names, each in zip(errors, given, strict=True)
    )


def catchers(source: Mapping[str, Json]) -> Sequence[Catcher]:
    """Read `Catch`."""
    given = source.get("Catch", ())
    for each in given:
        refuse_others(each, _CATCH)
    errors = _errors(given)
    return tuple(
        Catcher(errors=names, path=result_path(each, "ResultPath"), next=each["Next"])
        for names, each in zip(errors, given, strict=True)
    )


def _errors(given: Sequence[Mapping[str, Json]]) -> list[Errors]:
    found = [frozenset(each["ErrorEquals"]) for each in given]
    for number, names in enumerate(found, start=1):
        if not names:
            raise Refused("ErrorEquals is empty")
        if ALL in names and (len(names) > 1 or number < len(found)):
            raise Refused("States.ALL must stand alone and last")
    return [Errors(names=names) for names in found]


def duration(source: Mapping[str, Json], field: str) -> timedelta | None:
    """Read a time of a state; None where it has none."""
    return seconds(source[field]) if field in source else None


def seconds(value: Json) -> timedelta:
    """Read whole seconds."""
    if type(value) is not int or value < 0:
        raise Refused(f"{value!r} is no number of seconds")
    return timedelta(seconds=value)
