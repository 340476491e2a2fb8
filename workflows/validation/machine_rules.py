"""What a definition promises, beyond what Step Functions itself checks.

AWS accepts a callback without a token or a timeout, and executions have hung on them for a
month. Each rule here is one line; a broken one is told with the state and the rule, and all
of them at once. Works on plain data, so that any rendered definition can be held against it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from handlers.domain.model.group import GROUP_ERRORS
from handlers.domain.model.outcomes import ERRORS
from workflows.dsl.state_order import targets_of

LONGEST_NAME: Final = 80
CALLBACK: Final = ".waitForTaskToken"
START: Final = "arn:aws:states:::states:startExecution"
AND_WAITS: Final = ".sync:2"
THE_WIDEST_MAP: Final = 40
"""Iterations of an inline Map that Step Functions runs at once."""
THE_MACHINE: Final = "the machine"
TRANSIENT: Final = frozenset(
    {
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
    }
)


class BrokenPromisesError(Exception):
    """Every broken promise, a line each: the state, then the rule."""


@dataclass(frozen=True)
class Place:
    """A state where it stands.

    Attributes:
        name: Its name.
        state: Its definition.
        scope: The machine or the branch of a Parallel state that it belongs to.
        whole: The whole machine.
    """

    name: str
    state: Mapping[str, Any]
    scope: Mapping[str, Any]
    whole: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return str(self.state["Type"])

    @property
    def is_callback(self) -> bool:
        return str(self.state.get("Resource", "")).endswith(CALLBACK)

    @property
    def is_nested(self) -> bool:
        return str(self.state.get("Resource", "")).startswith(START)

    @property
    def timeout(self) -> float:
        return float(self.state.get("TimeoutSeconds", 0))


@dataclass(frozen=True)
class Promise:
    """One rule.

    Attributes:
        rule: The rule, as people are told it.
        of: Whether it is about a state.
        kept: Whether the state keeps it.
    """

    rule: str
    of: Callable[[Place], bool]
    kept: Callable[[Place], bool]


def broken_promises(
    machine: Mapping[str, Any],
    filled: Collection[str],
    errors: Collection[str] = tuple(ERRORS.values()),
) -> list[str]:
    """Each broken promise in a line, in the order of the definition; empty when all are kept.

    Args:
        machine: The rendered definition.
        filled: The placeholders that the template fills.
        errors: The names of the errors in which it must be able to end.
    """
    places = list(_places(machine, machine))
    told = [
        f"{place.name}: {promise.rule}"
        for place in places
        for promise in PROMISES
        if promise.of(place) and not promise.kept(place)
    ]
    return told + [
        f"{THE_MACHINE}: {rule}" for rule in _broken_by_the_whole(places, filled, errors)
    ]


def keep_promises(
    machine: Mapping[str, Any],
    filled: Collection[str],
    errors: Collection[str] = tuple(ERRORS.values()),
) -> None:
    """Does nothing when every promise is kept.

    Raises:
        BrokenPromisesError: A promise is broken; all that are, at once.
    """
    if told := broken_promises(machine, filled, errors):
        raise BrokenPromisesError("\n".join(told))


def _places(scope: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Place]:
    for name, state in scope["States"].items():
        yield Place(name, state, scope, whole)
        for branch in (*state.get("Branches", ()), *_iterator_of(state)):
            yield from _places(branch, whole)


def _iterator_of(state: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    return (state["Iterator"],) if "Iterator" in state else ()


def _broken_by_the_whole(
    places: list[Place], filled: Collection[str], errors: Collection[str]
) -> Iterator[str]:
    whole = places[0].whole
    limit = whole.get("TimeoutSeconds", 0)
    if not limit:
        yield "has a TimeoutSeconds"
    if limit and limit <= max(place.timeout for place in places):
        yield "has a TimeoutSeconds longer than that of any state"
    used = {_called(place)[2:-1] for place in places if _names(place)}
    if missing := used - set(filled):
        yield f"every placeholder is filled by the template; not so: {_listed(missing)}"
    if unused := set(filled) - used:
        yield f"every placeholder that the template fills is used; not so: {_listed(unused)}"
    ends = {place.state.get("Error") for place in places if place.kind == "Fail"}
    if absent := set(errors) - ends:
        yield f"every error of the outcomes is an end; not so: {_listed(absent)}"
    if not any(place.kind == "Succeed" for place in places):
        yield "can succeed"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _any(_: Place) -> bool:
    return True


def _is(*kinds: str) -> Callable[[Place], bool]:
    return lambda place: place.kind in kinds


def _callback(place: Place) -> bool:
    return place.is_callback


def _nested(place: Place) -> bool:
    return place.is_nested


def _invoking(place: Place) -> bool:
    return place.kind == "Task" and not place.is_nested


def _waits_for_what_it_starts(place: Place) -> bool:
    return str(place.state["Resource"]).endswith(AND_WAITS) and place.timeout > 0


def _starts_by_a_name_that_is_given(place: Place) -> bool:
    return str(place.state["Parameters"].get("Name.$", "")).startswith("$.")


def _is_bounded(place: Place) -> bool:
    return 1 <= int(place.state.get("MaxConcurrency", 0)) <= THE_WIDEST_MAP


def _lets_no_error_out(place: Place) -> bool:
    """Each of its own states that can fail catches everything, so one ends no other."""
    inside = place.state["Iterator"]["States"]
    failing = [s for s in inside.values() if s["Type"] in {"Task", "Parallel", "Map", "Fail"}]
    return all(
        any(catcher["ErrorEquals"] == ["States.ALL"] for catcher in s.get("Catch", ()))
        for s in failing
    )


def _is_not_about_colors(place: Place) -> bool:
    return "color" not in str(place.state.get("ItemsPath", ""))


def _names(place: Place) -> bool:
    """Calls a function, or starts a machine, by a placeholder."""
    name = _called(place)
    return name.startswith("${") and name.endswith("}")


def _called(place: Place) -> str:
    given = place.state.get("Parameters", {})
    return str(given.get("StateMachineArn" if place.is_nested else "FunctionName", ""))


def _is_alone_in_its_name(place: Place) -> bool:
    return [other.name for other in _places(place.whole, place.whole)].count(place.name) == 1


def _is_reached(place: Place) -> bool:
    return place.name in _reached_from(place.scope["StartAt"], place.scope)


def _leads_somewhere(place: Place) -> bool:
    return bool(targets_of(dict(place.state))) or place.state.get("End", False)


def _can_end(place: Place) -> bool:
    reached = _reached_from(place.name, place.scope)
    states = [place.scope["States"][name] for name in reached if name in place.scope["States"]]
    return any(state.get("End") or state["Type"] in {"Succeed", "Fail"} for state in states)


def _leads_to_states_that_exist(place: Place) -> bool:
    return set(targets_of(dict(place.state))) <= set(place.scope["States"])


def _has_a_token(place: Place) -> bool:
    return "$$.Task.Token" in _texts_in(place.state.get("Parameters", {}))


def _looks_again(place: Place) -> bool:
    catchers = place.state.get("Catch", ())
    between = [c["Next"] for c in catchers if c["ErrorEquals"] == ["States.Timeout"]]
    states = place.scope["States"]
    return len(between) == 1 and targets_of(states.get(between[0], {})) == [place.name]


def _beats_before_its_timeout(place: Place) -> bool:
    return float(place.state.get("HeartbeatSeconds", 0)) < place.timeout


def _retries_brief_trouble(place: Place) -> bool:
    retried = {error for retry in place.state.get("Retry", ()) for error in retry["ErrorEquals"]}
    return retried >= TRANSIENT


def _retries_no_timeout(place: Place) -> bool:
    retried = {error for retry in place.state.get("Retry", ()) for error in retry["ErrorEquals"]}
    return not retried & {"States.Timeout", "States.ALL"}


def _catches_everything_last(place: Place) -> bool:
    caught = [catcher["ErrorEquals"] for catcher in place.state.get("Catch", ())]
    everything = [errors for errors in caught if "States.ALL" in errors]
    return bool(caught) and everything == [["States.ALL"]] and caught[-1] == ["States.ALL"]


def _asks_before_comparing(place: Place) -> bool:
    return all(_is_guarded(choice, frozenset()) for choice in place.state["Choices"])


def _is_guarded(rule: Mapping[str, Any], known: frozenset[str]) -> bool:
    """A field is compared only beside a rule that asked whether it is there."""
    if "And" in rule or "Or" in rule:
        for part in rule.get("And", rule.get("Or")):
            if not _is_guarded(part, known):
                return False
            # In an Or, what comes after "is absent" is looked at only when it is there.
            if part.get("IsPresent") is ("And" in rule):
                known |= {part["Variable"]}
        return True
    if "Not" in rule:
        return _is_guarded(rule["Not"], known)
    return "IsPresent" in rule or rule["Variable"] in known


def _has_a_known_error(place: Place) -> bool:
    return place.state.get("Error") in {*ERRORS.values(), *GROUP_ERRORS.values()}


def _error_is_ours(place: Place) -> bool:
    return not str(place.state.get("Error", "")).startswith(("States.", "Lambda."))


def _takes_nothing_fixed_from_the_state(place: Place) -> bool:
    return not {"ErrorPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"} & set(place.state)


def _reached_from(start: str, scope: Mapping[str, Any]) -> set[str]:
    reached: set[str] = set()
    to_see = [start]
    while to_see:
        name = to_see.pop()
        if name not in reached:
            reached.add(name)
            to_see += targets_of(scope["States"].get(name, {}))
    return reached


def _texts_in(data: object) -> set[str]:
    if isinstance(data, Mapping):
        return {text for value in data.values() for text in _texts_in(value)}
    return {data} if isinstance(data, str) else set()


TASK: Final = _is("Task")
CALLING: Final = _is("Task", "Parallel", "Map")
MAP: Final = _is("Map")
CHOICE: Final = _is("Choice")
FAIL: Final = _is("Fail")
ON_ITS_WAY: Final = _is("Task", "Parallel", "Map", "Choice", "Pass", "Wait")

PROMISES: Final = (
    Promise("its name has at most 80 characters", _any, lambda p: len(p.name) <= LONGEST_NAME),
    Promise("its name is its own in the whole machine", _any, _is_alone_in_its_name),
    Promise("it can be reached", _any, _is_reached),
    Promise("it leads to states that exist", _any, _leads_to_states_that_exist),
    Promise("it leads on, or ends", ON_ITS_WAY, _leads_somewhere),
    Promise("an end can be reached from it", _any, _can_end),
    Promise("it names its function by a placeholder", TASK, _names),
    Promise("a callback has a token in its payload", _callback, _has_a_token),
    Promise("a callback has a fixed TimeoutSeconds", _callback, lambda p: p.timeout > 0),
    Promise(
        "a callback looks again on States.Timeout, by a state between", _callback, _looks_again
    ),
    Promise("a heartbeat is shorter than the timeout", TASK, _beats_before_its_timeout),
    Promise(
        "it waits for what it starts, with a fixed TimeoutSeconds",
        _nested,
        _waits_for_what_it_starts,
    ),
    Promise(
        "it starts by a name that is given, so that two starts are one",
        _nested,
        _starts_by_a_name_that_is_given,
    ),
    Promise("it is no Map over colors", MAP, _is_not_about_colors),
    Promise("it has a MaxConcurrency, of at most 40", MAP, _is_bounded),
    Promise("no error leaves what it runs, for that would end the others", MAP, _lets_no_error_out),
    Promise("it retries Lambda's transient errors", _invoking, _retries_brief_trouble),
    Promise("it retries neither States.Timeout nor States.ALL", TASK, _retries_no_timeout),
    Promise("it catches States.ALL, last and alone", CALLING, _catches_everything_last),
    Promise("it has a Default", CHOICE, lambda p: "Default" in p.state),
    Promise("it asks whether a field is there before it compares", CHOICE, _asks_before_comparing),
    Promise("its error is one of the outcomes' errors", FAIL, _has_a_known_error),
    Promise("its error does not begin with States. or Lambda.", FAIL, _error_is_ours),
    Promise(
        "its error and timeouts are fixed, not read", _any, _takes_nothing_fixed_from_the_state
    ),
)
