import inspect
import json
from pathlib import Path

import pytest

from handlers.domain.model import errors
from handlers.domain.model.outcomes import ERRORS, RolloutOutcome

DEFINITION = Path(__file__).parents[4] / "definitions" / "rollout.asl.json"
OF_AWS = ("Lambda.", "States.", "Sandbox.", "StepFunctions.")


def every(kind, found):
    """List what stands under a key, at any depth."""
    if isinstance(found, dict):
        own = found.get(kind, [])
        return [*own, *(name for value in found.values() for name in every(kind, value))]
    return (
        [name for value in found for name in every(kind, value)] if isinstance(found, list) else []
    )


def test_every_error_has_a_place_in_the_drawn_tree():
    classes = [c for c in vars(errors).values() if inspect.isclass(c)]

    assert len(classes) > 1
    for each in classes:
        assert issubclass(each, errors.ShingoError)
        assert each.__name__ in errors.__doc__


def test_what_a_retry_cannot_cure_is_not_transient():
    assert not issubclass(errors.Refused, errors.Transient)
    assert issubclass(errors.NotThere, errors.Refused)


def test_the_machine_names_only_errors_that_the_handlers_raise():
    machine = json.loads(DEFINITION.read_text())
    names = {name for name in every("ErrorEquals", machine) if not name.startswith(OF_AWS)}

    assert names == {errors.Transient.__name__}
    assert all(issubclass(getattr(errors, name), errors.ShingoError) for name in names)


def test_every_outcome_that_is_no_success_has_an_error_name_of_its_own():
    successes = {RolloutOutcome.COMPLETED, RolloutOutcome.PUT_BACK}
    from_outside = {RolloutOutcome.ABORTED, RolloutOutcome.TIMED_OUT}

    assert set(ERRORS) == set(RolloutOutcome) - successes - from_outside
    assert len(set(ERRORS.values())) == len(ERRORS)


@pytest.mark.parametrize("name", ERRORS.values())
def test_an_error_name_is_one_word_that_states_may_use(name):
    assert name.isidentifier()
    assert name[0].isupper()
