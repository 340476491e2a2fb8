"""Choices: routing by a word of the state. Tested in `test_rollout_walked.py`."""

from collections.abc import Mapping, Sequence

from workflows.dsl.sdk import Choice, Rule, SdkRule
from workflows.dsl.steps import Step, refuse_successor


def choose(
    name: str,
    value: str,
    *,
    goes_on: str,
    otherwise: Step,
    routes: Mapping[str, Step] | None = None,
) -> Step:
    """Routes by one word of the state; one that is absent or unknown has a route, too.

    Args:
        name: The state's name: a plain question.
        value: Path of the word.
        goes_on: The word on which the process goes on to the next step.
        otherwise: Where every other word leads, and an absent one.
        routes: Word → where else it leads.
    """
    choice = Choice(name)
    for word, step in (routes or {}).items():
        choice.add_choice(_condition_to_enter(step, *_equals(value, word)), step.first)
    choice.default_choice(otherwise.first)

    def lead_to(step: Step) -> None:
        # The way on comes first, for the reader.
        choice.choices.insert(0, [_condition_to_enter(step, *_equals(value, goes_on)), step.first])

    return Step(choice, lead_to)


def choose_end(
    name: str,
    *,
    well: tuple[str, Sequence[str], Step],
    badly: tuple[str, Mapping[str, Step]],
    otherwise: Step,
) -> Step:
    """Routes a result to one of the ways in which a machine ends.

    Args:
        name: The state's name: a plain question.
        well: Path of the outcome, the outcomes that are a success, and where they lead. They
            count only while there is no error beside them.
        badly: Path of the error, and error → where it leads.
        otherwise: Where everything else leads.
    """
    outcome, successes, end = well
    error, ends = badly
    no_error = Rule.Or([Rule.IsPresent(error, value=False), Rule.StringEquals(error, "")])
    choice = Choice(name)
    for word in successes:
        choice.add_choice(_condition_to_enter(end, *_equals(outcome, word), no_error), end.first)
    for word, step in ends.items():
        choice.add_choice(_condition_to_enter(step, *_equals(error, word)), step.first)
    choice.default_choice(otherwise.first)
    return Step(choice, refuse_successor)


def _condition_to_enter(step: Step, *rules: SdkRule) -> SdkRule:
    path = step.needs_text_at
    text = [Rule.IsPresent(path, value=True), Rule.IsString(path, value=True)] if path else []
    return Rule.And([*rules, *text])


def _equals(path: str, word: str) -> list[SdkRule]:
    # A comparison with a field that is absent would fail the execution: ask for it first.
    present = Rule.IsPresent(path, value=True)
    return [present, Rule.StringEquals(path, word)]
