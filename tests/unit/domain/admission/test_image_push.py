"""What a push starts, and which of two rollouts that pushes started goes on."""

import pytest

from handlers.domain.admission.image_push import Push, parse_push, rollout_of, starts
from handlers.domain.admission.precedence import gives_way
from handlers.domain.admission.rollout_request import parse_request
from handlers.domain.config.image_rules import ImageRules
from tests.support.builders import (
    NEW_DIGEST,
    a_color,
    a_decision,
    a_deploying_color,
    a_rollout,
    after,
    an_application,
    an_ended_rollout,
)
from tests.support.recorded import recorded

PUSH = Push(repository="api", tag="v1.42.0", digest=NEW_DIGEST)


def pushed(*colors, **given):
    return a_rollout(*colors, **({"requested_by": "ecr"} | given))


def newer(**given):
    return pushed(**({"id": "api-v1.42.1-2", "started": after(minutes=5)} | given))


@pytest.mark.parametrize(
    ("patterns", "tag", "expected"),
    [
        ((), "v1.42.0", False),
        (("v*",), "v1.42.0", True),
        (("v*",), "main-9f31c2", False),
        (("v*", "main-*"), "main-9f31c2", True),
        (("v?.*",), "V1.42.0", False),
        (("*",), "", False),
    ],
)
def test_a_push_starts_a_rollout_where_its_tag_fits_a_pattern(patterns, tag, expected):
    application = an_application(images=ImageRules(starts_on_push=patterns))

    assert starts(Push(repository="api", tag=tag, digest=NEW_DIGEST), application) is expected


def test_a_push_to_another_repository_starts_nothing():
    application = an_application(images=ImageRules(starts_on_push=("*",)), repository="web")

    assert not starts(PUSH, application)


def test_the_same_push_has_the_same_name_and_input_and_another_digest_another_name():
    name, document = rollout_of(parse_push(recorded("ecr_image_pushed")), "api")
    other, _ = rollout_of(Push(repository="api", tag="v1.42.0", digest="sha256:9"), "api")

    assert (name, document) == rollout_of(PUSH, "api")
    assert name.startswith("api-v1.42.0-")
    assert other != name
    assert parse_request(document, ("api",)).requested_by == "ecr"


def test_the_older_of_two_pushes_gives_way_until_somebody_has_said_yes():
    asking = a_color("red", stage="asking", approval="question-red")
    approved = a_color("red", stage="asking", approval="q", decision=a_decision())

    assert gives_way(pushed(asking), newer())
    assert not gives_way(newer(), pushed(asking))
    assert not gives_way(pushed(approved), newer())
    assert not gives_way(pushed(a_deploying_color()), newer())


def test_what_people_asked_for_gives_way_to_no_push():
    assert not gives_way(a_rollout(), newer())
    assert not gives_way(pushed(), newer(requested_by="U0CAROL"))


def test_one_that_ends_for_another_reason_is_not_superseded_as_well():
    assert not gives_way(an_ended_rollout(requested_by="ecr"), newer())
    assert not gives_way(pushed(roll_back_asked=a_decision("withdrawn")), newer())
    assert gives_way(pushed(roll_back_asked=a_decision("superseded_by_push")), newer())
