"""Each function may do exactly what it does: all stories are played, and all calls are recorded."""

from functools import cache

import pytest

from tests.door.policies import Template
from tests.door.stories import NAMES, play


@pytest.fixture(scope="module")
def played():
    """Give a function that plays a story, or returns what came of it when it was played before."""
    return cache(play)


@pytest.fixture(scope="module")
def calls(played):
    return frozenset(call for name in NAMES for call in played(name).recorder.calls)


@pytest.fixture(scope="module")
def grants(played):
    return played(NAMES[0]).template.grants()


@pytest.mark.parametrize("name", NAMES)
def test_a_story_needs_no_more_than_is_allowed(played, name):
    account = played(name)
    allowed = account.template.grants()

    refused = {
        call for call in account.recorder.calls if not any(grant.allows(call) for grant in allowed)
    }

    assert refused == set()
    assert account.recorder.unknown == set(), "say in tests/door/calls.py what it is about"


def test_nothing_is_allowed_that_no_story_needs(calls, grants):
    idle = [str(grant) for grant in grants if not any(map(grant.allows, calls))]

    assert idle == []


def test_every_function_of_the_template_was_called(calls):
    functions = set(Template({}).functions)

    assert {call.function for call in calls} == functions
