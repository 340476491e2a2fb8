"""The rules that every state of a definition keeps, beyond what Step Functions itself checks.

AWS accepts a callback without a token or a timeout, and executions have hung on them for a
month. Each rule is one line of `RULES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from handlers.domain.model.group import GROUP_ERRORS
from handlers.domain.model.outcomes import ERRORS
from workflows.dsl.state_order import successors_of
from workflows.validation.placed_state import PlacedState, placed_states

MAX_NAME_LENGTH: Final = 80
SYNCHRONOUS: Final = ".sync:2"
MAX_CONCURRENCY: Final = 40
"""Iterations of an inline Map that Step Functions runs at once."""
LAMBDA_TRANSIENT_ERRORS: Final = frozenset(
    {
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.Unknown",
        "Sandbox.Timedout",
    }
)


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        text: The rule, as people read it.
        applies_to: Whether it is about a state.
        holds: Whether the state keeps it.
    """

    text: str
    applies_to: Callable[[PlacedState], bool]
    holds: Callable[[PlacedState], bool]


def _always(_: PlacedState) -> bool:
    return True


def _has_type(*kinds: str) -> Callable[[PlacedState], bool]:
    return lambda placed: placed.kind in kinds


def _is_invocation(placed: PlacedState) -> bool:
    return placed.kind == "Task" and not placed.is_nested


def _waits_for_execution(placed: PlacedState) -> bool:
    return str(placed.state["Resource"]).endswith(SYNCHRONOUS) and placed.timeout > 0


def _has_given_execution_name(placed: PlacedState) -> bool:
    return str(placed.state["Parameters"].get("Name.$", "")).startswith("$.")


def _has_bounded_concurrency(placed: PlacedState) -> bool:
    return 1 <= int(placed.state.get("MaxConcurrency", 0)) <= MAX_CONCURRENCY


def _contains_errors(placed: PlacedState) -> bool:
    """Each of its own states that can fail catches everything, so one ends no other."""
    inside = placed.state["Iterator"]["States"]
    failing = [s for s in inside.values() if s["Type"] in {"Task", "Parallel", "Map", "Fail"}]
    return all(
        any(catcher["ErrorEquals"] == ["States.ALL"] for catcher in s.get("Catch", ()))
        for s in failing
    )


def _maps_no_colors(placed: PlacedState) -> bool:
    return "color" not in str(placed.state.get("ItemsPath", ""))


def _has_unique_name(placed: PlacedState) -> bool:
    return [other.name for other in placed_states(placed.machine, placed.machine)].count(
        placed.name
    ) == 1


def _is_reached(placed: PlacedState) -> bool:
    return placed.name in _reachable_from(placed.scope["StartAt"], placed.scope)


def _has_successor(placed: PlacedState) -> bool:
    return bool(successors_of(dict(placed.state))) or placed.state.get("End", False)


def _can_end(placed: PlacedState) -> bool:
    reached = _reachable_from(placed.name, placed.scope)
    states = [placed.scope["States"][name] for name in reached if name in placed.scope["States"]]
    return any(state.get("End") or state["Type"] in {"Succeed", "Fail"} for state in states)


def _has_existing_successors(placed: PlacedState) -> bool:
    return set(successors_of(dict(placed.state))) <= set(placed.scope["States"])


def _passes_token(placed: PlacedState) -> bool:
    return "$$.Task.Token" in _texts_in(placed.state.get("Parameters", {}))


def _reenters_on_timeout(placed: PlacedState) -> bool:
    catchers = placed.state.get("Catch", ())
    between = [c["Next"] for c in catchers if c["ErrorEquals"] == ["States.Timeout"]]
    states = placed.scope["States"]
    return len(between) == 1 and successors_of(states.get(between[0], {})) == [placed.name]


def _has_heartbeat_below_timeout(placed: PlacedState) -> bool:
    return float(placed.state.get("HeartbeatSeconds", 0)) < placed.timeout


def _retries_transient_errors(placed: PlacedState) -> bool:
    retried = {error for retry in placed.state.get("Retry", ()) for error in retry["ErrorEquals"]}
    return retried >= LAMBDA_TRANSIENT_ERRORS


def _retries_no_timeout(placed: PlacedState) -> bool:
    retried = {error for retry in placed.state.get("Retry", ()) for error in retry["ErrorEquals"]}
    return not retried & {"States.Timeout", "States.ALL"}


def _catches_everything_last(placed: PlacedState) -> bool:
    caught = [catcher["ErrorEquals"] for catcher in placed.state.get("Catch", ())]
    everything = [errors for errors in caught if "States.ALL" in errors]
    return bool(caught) and everything == [["States.ALL"]] and caught[-1] == ["States.ALL"]


def _checks_presence_first(placed: PlacedState) -> bool:
    return all(_is_presence_checked(choice, frozenset()) for choice in placed.state["Choices"])


def _is_presence_checked(rule: Mapping[str, Any], known: frozenset[str]) -> bool:
    """A field is compared only beside a rule that asked whether it is there."""
    if "And" in rule or "Or" in rule:
        for part in rule.get("And", rule.get("Or")):
            if not _is_presence_checked(part, known):
                return False
            # In an Or, what comes after "is absent" is looked at only when it is there.
            if part.get("IsPresent") is ("And" in rule):
                known |= {part["Variable"]}
        return True
    if "Not" in rule:
        return _is_presence_checked(rule["Not"], known)
    return "IsPresent" in rule or rule["Variable"] in known


def _has_documented_error(placed: PlacedState) -> bool:
    return placed.state.get("Error") in {*ERRORS.values(), *GROUP_ERRORS.values()}


def _has_own_error_name(placed: PlacedState) -> bool:
    return not str(placed.state.get("Error", "")).startswith(("States.", "Lambda."))


def _has_fixed_error_and_timeouts(placed: PlacedState) -> bool:
    return not {"ErrorPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"} & set(placed.state)


def _reachable_from(start: str, scope: Mapping[str, Any]) -> set[str]:
    reached: set[str] = set()
    to_see = [start]
    while to_see:
        name = to_see.pop()
        if name not in reached:
            reached.add(name)
            to_see += successors_of(scope["States"].get(name, {}))
    return reached


def _texts_in(data: object) -> set[str]:
    if isinstance(data, Mapping):
        return {text for value in data.values() for text in _texts_in(value)}
    return {data} if isinstance(data, str) else set()


TASK: Final = _has_type("Task")
CALLBACK_STATE: Final = attrgetter("is_callback")
NESTED: Final = attrgetter("is_nested")
CAN_FAIL: Final = _has_type("Task", "Parallel", "Map")
MAP: Final = _has_type("Map")
CHOICE: Final = _has_type("Choice")
FAIL: Final = _has_type("Fail")
INTERMEDIATE: Final = _has_type("Task", "Parallel", "Map", "Choice", "Pass", "Wait")

RULES: Final = (
    Rule("its name has at most 80 characters", _always, lambda p: len(p.name) <= MAX_NAME_LENGTH),
    Rule("its name is its own in the whole machine", _always, _has_unique_name),
    Rule("it can be reached", _always, _is_reached),
    Rule("it leads to states that exist", _always, _has_existing_successors),
    Rule("it leads on, or ends", INTERMEDIATE, _has_successor),
    Rule("an end can be reached from it", _always, _can_end),
    Rule("it names its function by a placeholder", TASK, lambda p: p.uses_placeholder),
    Rule("a callback has a token in its payload", CALLBACK_STATE, _passes_token),
    Rule("a callback has a fixed TimeoutSeconds", CALLBACK_STATE, lambda p: p.timeout > 0),
    Rule(
        "a callback looks again on States.Timeout, by a state between",
        CALLBACK_STATE,
        _reenters_on_timeout,
    ),
    Rule("a heartbeat is shorter than the timeout", TASK, _has_heartbeat_below_timeout),
    Rule(
        "it waits for what it starts, with a fixed TimeoutSeconds",
        NESTED,
        _waits_for_execution,
    ),
    Rule(
        "it starts by a name that is given, so that two starts are one",
        NESTED,
        _has_given_execution_name,
    ),
    Rule("it is no Map over colors", MAP, _maps_no_colors),
    Rule("it has a MaxConcurrency, of at most 40", MAP, _has_bounded_concurrency),
    Rule("no error leaves what it runs, for that would end the others", MAP, _contains_errors),
    Rule("it retries Lambda's transient errors", _is_invocation, _retries_transient_errors),
    Rule("it retries neither States.Timeout nor States.ALL", TASK, _retries_no_timeout),
    Rule("it catches States.ALL, last and alone", CAN_FAIL, _catches_everything_last),
    Rule("it has a Default", CHOICE, lambda p: "Default" in p.state),
    Rule("it asks whether a field is there before it compares", CHOICE, _checks_presence_first),
    Rule("its error is one of the outcomes' errors", FAIL, _has_documented_error),
    Rule("its error does not begin with States. or Lambda.", FAIL, _has_own_error_name),
    Rule("its error and timeouts are fixed, not read", _always, _has_fixed_error_and_timeouts),
)
