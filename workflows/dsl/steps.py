"""The vocabulary in which a process is written: its steps, and what they become when rendered.

Every step is built afresh, for a state cannot be used twice: one that is given a second `next`
silently loses its first, and two equal states of one name are silently merged. `lead_to`
and `render` refuse both. Tested in `test_generate.py` and `test_machine_rules.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from workflows.dsl import sdk
from workflows.dsl.retries import Retries
from workflows.dsl.sdk import SdkRule, SdkState

INVOKE: Final = "arn:aws:states:::lambda:invoke"
INVOKE_AND_WAIT: Final = "arn:aws:states:::lambda:invoke.waitForTaskToken"
START_AND_WAIT: Final = "arn:aws:states:::states:startExecution.sync:2"
TASK_TOKEN: Final[Mapping[str, str]] = {"token.$": "$$.Task.Token"}
ALL_ERRORS: Final = "States.ALL"
TIMEOUT: Final = "States.Timeout"


@dataclass(frozen=True)
class Step:
    """A part of the process.

    Attributes:
        first: The state in which it begins.
        lead_to: Says what comes after it, once.
        needs_text_at: Path of a text without which it must not be entered.
    """

    first: SdkState
    lead_to: Callable[["Step"], None]
    needs_text_at: str = ""


def invoke(
    name: str,
    function: str,
    payload: Mapping[str, Any],
    *,
    retries: Retries,
    on_fault: Step,
    timeout: timedelta,
    result: str | None = None,
    keep: Mapping[str, str] | None = None,
) -> Step:
    """Invokes a Lambda function and takes its answer.

    Args:
        name: The state's name: a plain phrase.
        function: The placeholder that the template fills with the function's ARN.
        payload: What the function is given.
        retries: Which errors are tried again, and how.
        on_fault: Where every other error leads, with the error in `$.fault`.
        timeout: When an invocation counts as failed.
        result: Where the answer goes; without it the answer replaces the state.
        keep: Which parts of the answer are kept, as a `ResultSelector`.
    """
    fields: dict[str, Any] = {"parameters": _invocation(function, payload)}
    if result is None:
        fields["output_path"] = "$.Payload"
    else:
        fields |= {"result_selector": dict(keep or {}), "result_path": result}
    task = sdk.Task(name, resource=INVOKE, timeout_seconds=seconds(timeout), **fields)
    task.add_retry(_retry(retries))
    task.add_catch(_catch(ALL_ERRORS, on_fault, "$.fault"))
    return Step(task, _lead_from(task))


def ask(
    name: str,
    function: str,
    payload: Mapping[str, Any],
    *,
    retries: Retries,
    on_fault: Step,
    look_again: str,
    every: timedelta,
    result: str | None = None,
) -> Step:
    """Invokes a Lambda function with a task token, and waits until the token is answered.

    The answer may be lost. So every wait ends after `every`, in the state `look_again`, which
    leads back: with a fresh token the function looks again. The state in between is needed
    because an emulator does not enter a state again from its own catcher.

    Args:
        name: The state's name: a plain phrase.
        function: The placeholder that the template fills with the function's ARN.
        payload: What the function is given, beside the token.
        retries: Which errors are tried again, and how.
        on_fault: Where every other error leads, with the error in `$.fault`.
        look_again: Name of the state through which an unanswered wait begins anew.
        every: How long one wait lasts.
        result: Where the answer goes; without it the answer replaces the state.
    """
    fields = {} if result is None else {"result_path": result}
    parameters = _invocation(function, {**payload, **TASK_TOKEN})
    task = sdk.Task(
        name,
        resource=INVOKE_AND_WAIT,
        parameters=parameters,
        timeout_seconds=seconds(every),
        **fields,
    )
    again = sdk.Pass(look_again)
    again.next(task)
    task.add_retry(_retry(retries))
    task.add_catch(_catch(TIMEOUT, Step(again, refuse_successor), None))
    task.add_catch(_catch(ALL_ERRORS, on_fault, "$.fault"))
    return Step(task, _lead_from(task))


def run_machine(
    name: str,
    machine: str,
    *,
    called: str,
    given: str,
    retries: Retries,
    on_fault: Step,
    timeout: timedelta,
) -> Step:
    """Runs another machine to its end, under a name by which a repeated start starts one.

    Its answer is dropped: what came of it is on record. Where it fails, times out or is
    stopped, `on_fault` is entered with the error in `$.fault`. When this machine is stopped,
    Step Functions stops the other one.

    Args:
        name: The state's name: a plain phrase.
        machine: The placeholder that the template fills with the other machine's ARN.
        called: Path of the execution's name.
        given: Path of its input.
        retries: Which errors of starting it are tried again, and how.
        on_fault: Where every other error leads.
        timeout: Longer than the other machine may take.
    """
    task = sdk.Task(
        name,
        resource=START_AND_WAIT,
        parameters={"StateMachineArn": f"${{{machine}}}", "Name.$": called, "Input.$": given},
        result_path=None,
        timeout_seconds=seconds(timeout),
    )
    task.add_retry(_retry(retries))
    task.add_catch(_catch(ALL_ERRORS, on_fault, "$.fault"))
    return Step(task, _lead_from(task))


def for_each(
    name: str,
    items: str,
    process: Step,
    *,
    max_concurrency: int,
    given: Mapping[str, Any],
    result: str,
    on_fault: Step,
) -> Step:
    """Runs a process once for each item, so many at once, and goes on when all have ended.

    Args:
        name: The state's name: a plain phrase.
        items: Path of the list.
        process: What runs; an error that leaves it ends all the others, so none may.
        max_concurrency: How many run at the same time; one takes them in the list's order.
        given: What each starts with; the item is at `$$.Map.Item.Value`.
        result: Where the results go, as a list in the items' order.
        on_fault: Where an error leads, with the error at `result` in the list's place.
    """
    state = sdk.Map(
        name,
        items_path=items,
        max_concurrency=max_concurrency,
        parameters=dict(given),
        result_path=result,
    )
    state.attach_iterator(process.first)
    state.add_catch(_catch(ALL_ERRORS, on_fault, result))
    return Step(state, _lead_from(state))


def wait(name: str, pause: timedelta) -> Step:
    """Waits without costing anything."""
    state = sdk.Wait(name, seconds=seconds(pause))
    return Step(state, _lead_from(state))


def replace_state(name: str, data: Mapping[str, Any]) -> Step:
    """Replaces the state by data; keys that end in `.$` are looked up in what was there."""
    state = sdk.Pass(name, parameters=dict(data))
    return Step(state, _lead_from(state))


def parallel(name: str, branches: Sequence[Step], *, result: str, on_fault: Step) -> Step:
    """Runs every branch at the same time, and goes on when all have ended.

    Args:
        name: The state's name: a plain phrase.
        branches: What runs; each starts with the whole state.
        result: Where the branches' results go, as a list in their order.
        on_fault: Where an error leads, with the error at `result` in the list's place.
    """
    state = sdk.Parallel(name, result_path=result)
    for branch in branches:
        state.add_branch(branch.first)
    state.add_catch(_catch(ALL_ERRORS, on_fault, result))
    return Step(state, _lead_from(state))


def succeed(name: str) -> Step:
    """The end of a process that did what was asked."""
    return Step(sdk.Succeed(name), refuse_successor)


def fail(error: str, *, cause: str) -> Step:
    """The end of one that did not: a state named as its error, with the cause at a path."""
    return Step(
        sdk.Fail(error, error=error, cause_path=cause), refuse_successor, needs_text_at=cause
    )


def sequence(*steps: Step) -> Step:
    """One step after the other, as a step."""
    for step, following in pairwise(steps):
        step.lead_to(following)
    return Step(steps[0].first, steps[-1].lead_to)


def merge(entered: Step, other: Step) -> Step:
    """A step with two ways on: whatever comes after it comes after either."""

    def lead_to(step: Step) -> None:
        entered.lead_to(step)
        other.lead_to(step)

    return Step(entered.first, lead_to)


def _invocation(function: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"FunctionName": f"${{{function}}}", "Payload": dict(payload)}


def _retry(retries: Retries) -> SdkRule:
    return sdk.Retry(
        error_equals=list(retries.errors),
        interval_seconds=seconds(retries.interval),
        max_attempts=retries.max_attempts,
        backoff_rate=retries.backoff_rate,
    )


def _catch(error: str, step: Step, result_path: str | None) -> SdkRule:
    return sdk.Catch(error_equals=[error], next_step=step.first, result_path=result_path)


def _lead_from(state: SdkState) -> Callable[[Step], None]:
    def lead_to(step: Step) -> None:
        if state.next_step is not None:
            raise ValueError(f"{state.state_id!r} already leads to {state.next_step.state_id!r}")
        state.next(step.first)

    return lead_to


def refuse_successor(step: Step) -> None:
    raise ValueError(f"nothing can follow an end, not even {step.first.state_id!r}")


def seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
