"""Reads a definition, and refuses it if it has anything that the double does not do.

What is refused is not wrong on AWS. It is only that nobody has taught it to the double yet, and
to guess would make every test on it worthless. All that is refused is named at once.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path as File
from typing import Final

from simulator.stepfunctions.asl_choices import choice_rule
from simulator.stepfunctions.asl_data import Json
from simulator.stepfunctions.asl_definition import (
    Choice,
    Fail,
    Machine,
    Map,
    Parallel,
    Pass,
    Scope,
    State,
    Succeed,
    Task,
    Wait,
)
from simulator.stepfunctions.asl_errors import Refused
from simulator.stepfunctions.json_paths import ITEM, Path
from simulator.stepfunctions.payload_templates import Template
from simulator.stepfunctions.state_fields import (
    catchers,
    duration,
    name_of_resource,
    next_state,
    refuse_others,
    result_path,
    retriers,
    seconds,
    tokenless_template,
)

INVOKE: Final = "arn:aws:states:::lambda:invoke"
INVOKE_AND_WAIT: Final = "arn:aws:states:::lambda:invoke.waitForTaskToken"
RUN_MACHINE: Final = "arn:aws:states:::states:startExecution.sync:2"
NAME_AT_MOST: Final = 80
"""Characters of a state's name."""
AT_ONCE_AT_MOST: Final = 40
"""Iterations of an inline Map (developer guide, "Using Map state in Inline mode")."""
_TOP: Final = {"Comment", "StartAt", "States", "TimeoutSeconds"}
_BRANCH: Final = {"Comment", "StartAt", "States"}
_WAY_ON: Final = {"Type", "Comment", "Next", "End"}
_TASK_ONLY: Final = {"Resource", "Parameters", "ResultSelector", "OutputPath"}
_FIELDS: Final[Mapping[str, set[str]]] = {
    "Task": _WAY_ON
    | _TASK_ONLY
    | {"ResultPath", "TimeoutSeconds", "HeartbeatSeconds", "Retry", "Catch"},
    "Pass": _WAY_ON | {"Parameters"},
    "Wait": _WAY_ON | {"Seconds"},
    "Choice": {"Type", "Comment", "Choices", "Default"},
    "Parallel": _WAY_ON | {"Branches", "ResultPath", "Catch"},
    "Map": _WAY_ON
    | {"ItemsPath", "MaxConcurrency", "Parameters", "Iterator", "ResultPath", "Catch"},
    "Succeed": {"Type", "Comment"},
    "Fail": {"Type", "Comment", "Error", "CausePath"},
}
_PARAMETERS: Final[Mapping[str, set[str]]] = {
    INVOKE: {"FunctionName", "Payload"},
    INVOKE_AND_WAIT: {"FunctionName", "Payload"},
    RUN_MACHINE: {"StateMachineArn", "Name.$", "Input.$"},
}
_NESTING: Final = {"Parallel", "Map"}


def load_file(path: File) -> Machine:
    """Read a definition's file; see `load`."""
    return load(json.loads(path.read_text()))


def load(definition: Mapping[str, Json]) -> Machine:
    """Read a definition.

    Names of functions and machines that a template would fill in, `${Name}`, become `Name`.

    Raises:
        Refused: Something in it is not implemented, or AWS would refuse it; one line each.
    """
    reader = _Reader()
    with reader.at("the machine"):
        refuse_others(definition, _TOP)
    scope = reader.scope(definition, "the machine")
    timeout = definition.get("TimeoutSeconds")
    if reader.problems:
        raise Refused("\n".join(reader.problems))
    return Machine(scope=scope, timeout=seconds(timeout) if timeout is not None else None)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[str] = []
        self._names: set[str] = set()

    @contextmanager
    def at(self, place: str) -> Iterator[None]:
        """Note what is refused within, and go on."""
        try:
            yield
        except Refused as refused:
            self.problems.append(f"{place}: {refused}")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self.problems.append(f"{place}: cannot be read: {error!r}")

    def scope(self, source: Mapping[str, Json], place: str, within: str = "") -> Scope:
        states: dict[str, State] = {}
        for name, state in source.get("States", {}).items():
            with self.at(f"state {name!r}"):
                self._name(name)
                states[name] = self._state(name, state, within)
        with self.at(place):
            for target in _targets(source):
                if target not in source["States"]:
                    raise Refused(f"leads to {target!r}, which is not among its states")
        return Scope(start=source.get("StartAt", ""), states=states)

    def _name(self, name: str) -> None:
        if len(name) > NAME_AT_MOST:
            raise Refused(f"its name is over {NAME_AT_MOST} characters")
        if name in self._names:
            raise Refused("another state has this name")
        self._names.add(name)

    def _state(self, name: str, source: Mapping[str, Json], within: str) -> State:
        kind = source["Type"]
        if kind not in _FIELDS:
            raise Refused(f"type {kind!r}")
        refuse_others(source, _FIELDS[kind])
        if kind in _NESTING and within:
            raise Refused(f"a {kind} within a {within}")
        if kind == "Parallel":
            return self._parallel(name, source)
        if kind == "Map":
            return self._map(name, source)
        state = _READERS[kind](name, source)
        if within != "Map" and ITEM in _uses(state):
            raise Refused("an item where there is none")
        return state

    def _parallel(self, name: str, source: Mapping[str, Json]) -> Parallel:
        branches = []
        for number, branch in enumerate(source["Branches"]):
            refuse_others(branch, _BRANCH)
            branches.append(self.scope(branch, f"branch {number} of {name!r}", "Parallel"))
        return Parallel(
            name=name,
            next=next_state(source),
            branches=tuple(branches),
            result_path=result_path(source, "ResultPath"),
            catch=catchers(source),
        )

    def _map(self, name: str, source: Mapping[str, Json]) -> Map:
        iterator, at_once = source["Iterator"], source.get("MaxConcurrency", 0)
        refuse_others(iterator, _BRANCH)
        if type(at_once) is not int or at_once < 0:
            raise Refused(f"{at_once!r} is no number of iterations")
        return Map(
            name=name,
            next=next_state(source),
            items=Path(source["ItemsPath"]),
            at_once=min(at_once or AT_ONCE_AT_MOST, AT_ONCE_AT_MOST),
            parameters=tokenless_template(source["Parameters"]) if "Parameters" in source else None,
            iterator=self.scope(iterator, f"the iterator of {name!r}", "Map"),
            result_path=result_path(source, "ResultPath"),
            catch=catchers(source),
        )


def _task(name: str, source: Mapping[str, Json]) -> Task:
    resource, parameters = source["Resource"], source["Parameters"]
    if resource not in _PARAMETERS:
        raise Refused(f"resource {resource!r}")
    refuse_others(parameters, _PARAMETERS[resource])
    waits, runs = resource == INVOKE_AND_WAIT, resource == RUN_MACHINE
    template = Template(parameters) if waits else tokenless_template(parameters)
    if runs and (missing := sorted(_PARAMETERS[resource] - parameters.keys())):
        raise Refused(f"it lacks {', '.join(missing)}")
    if runs and "HeartbeatSeconds" in source:
        raise Refused("HeartbeatSeconds of an execution")
    service, _, resource = resource.removeprefix("arn:aws:states:::").partition(":")
    timeout, heartbeat = duration(source, "TimeoutSeconds"), duration(source, "HeartbeatSeconds")
    if timeout and heartbeat and heartbeat >= timeout:
        raise Refused("HeartbeatSeconds must be smaller than TimeoutSeconds")
    return Task(
        name=name,
        next=next_state(source),
        resource_type=service,
        resource=resource,
        function="" if runs else name_of_resource(parameters["FunctionName"]),
        machine=name_of_resource(parameters["StateMachineArn"]) if runs else "",
        waits=waits,
        parameters=template,
        selector=tokenless_template(source["ResultSelector"])
        if "ResultSelector" in source
        else None,
        result_path=result_path(source, "ResultPath"),
        output_path=Path(source["OutputPath"]) if "OutputPath" in source else None,
        timeout=timeout,
        heartbeat=heartbeat,
        retry=retriers(source),
        catch=catchers(source),
    )


def _pass(name: str, source: Mapping[str, Json]) -> Pass:
    template = tokenless_template(source["Parameters"]) if "Parameters" in source else None
    return Pass(name=name, next=next_state(source), parameters=template)


def _wait(name: str, source: Mapping[str, Json]) -> Wait:
    return Wait(name=name, next=next_state(source), pause=seconds(source["Seconds"]))


def _choice(name: str, source: Mapping[str, Json]) -> Choice:
    rules = []
    for each in source["Choices"]:
        tests = {key: value for key, value in each.items() if key not in {"Next", "Comment"}}
        rules.append((choice_rule(tests), each["Next"]))
    return Choice(name=name, rules=tuple(rules), default=source.get("Default"))


def _succeed(name: str, _: Mapping[str, Json]) -> Succeed:
    return Succeed(name=name)


def _fail(name: str, source: Mapping[str, Json]) -> Fail:
    cause = Path(source["CausePath"]) if "CausePath" in source else None
    return Fail(name=name, error=source["Error"], cause=cause)


_READERS: Final[Mapping[str, Callable[[str, Mapping[str, Json]], State]]] = {
    "Task": _task,
    "Pass": _pass,
    "Wait": _wait,
    "Choice": _choice,
    "Succeed": _succeed,
    "Fail": _fail,
}


def _uses(state: State) -> set[str]:
    """Find what of the context object a state looks at."""
    templates: list[Template | None] = []
    if isinstance(state, Task | Pass):
        templates.append(state.parameters)
    if isinstance(state, Task):
        templates.append(state.selector)
    return {each for template in templates if template is not None for each in template.uses}


def _targets(source: Mapping[str, Json]) -> Iterator[str]:
    yield source["StartAt"]
    for state in source["States"].values():
        ways = [*state.get("Choices", ()), *state.get("Catch", ()), state]
        yield from (way["Next"] for way in ways if "Next" in way)
        if "Default" in state:
            yield state["Default"]
