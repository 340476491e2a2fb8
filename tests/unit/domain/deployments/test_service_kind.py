"""Which ECS services can be rolled out, and how the others are named."""

import pytest

from handlers.domain.deployments.service_kind import unsupported_kind
from tests.support.builders import a_service


def test_what_ecs_rolls_can_be_rolled_out():
    assert unsupported_kind(a_service()) == ""
    assert unsupported_kind(a_service(load_balancers=())) == ""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"strategy": "BLUE_GREEN"}, "BLUE_GREEN"),
        ({"classic_load_balancers": ("old", "older")}, "old, older"),
        ({"arn": "arn:aws:ecs:eu-west-1:123456789012:service/api-red"}, ":service/api-red"),
    ],
)
def test_what_was_found_and_what_is_expected_are_both_named(given, found):
    said = unsupported_kind(a_service(**given))

    assert found in said
    assert ", expected " in said
