import pytest

from handlers.domain.admission.rollout_request import parse_request
from handlers.domain.model.group import (
    IfOneFails,
    Order,
    Part,
    ended_part,
    goes_back,
    held_by,
    may_begin,
    member_name,
    request_back,
    request_of,
    resolve_group_outcome,
    returning_name,
)
from handlers.domain.model.outcomes import GroupOutcome, RolloutOutcome
from tests.support.builders import a_group, a_member


def test_a_rollouts_name_is_always_the_same_and_never_too_long():
    assert member_name("web-api-v1", "web") == "web-api-v1.web"
    longest = member_name("g" * 80, "a" * 31)

    assert longest == member_name("g" * 80, "a" * 31)
    assert len(longest) == 80
    assert longest != member_name("g" * 79 + "h", "a" * 31)
    assert returning_name("g" * 80, "web") != member_name("g" * 80, "web")


@pytest.mark.parametrize("make", [request_of, request_back])
def test_what_a_rollout_is_started_with_is_an_input(make):
    group = a_group(failed="api")

    assert parse_request(make(group, "web"), ("web", "api")).application == "web"


def test_after_a_failure_no_other_application_begins():
    assert may_begin(a_group())
    assert not may_begin(a_group(failed="web"))
    assert not may_begin(a_group(outcome=RolloutOutcome.ABORTED))


@pytest.mark.parametrize(
    ("failed", "if_one_fails", "web", "back"),
    [
        ("api", IfOneFails.ROLL_BACK, Part.COMPLETED, True),
        ("api", IfOneFails.STOP, Part.COMPLETED, False),
        ("api", IfOneFails.ROLL_BACK, Part.PUT_BACK, False),
        (None, IfOneFails.ROLL_BACK, Part.COMPLETED, False),
    ],
)
def test_what_has_completed_goes_back_after_a_failure_where_that_is_asked(
    failed, if_one_fails, web, back
):
    group = a_group(web=a_member("web", part=web), failed=failed, if_one_fails=if_one_fails)

    assert goes_back(group) is back


@pytest.mark.parametrize(
    ("outcome", "returning", "part"),
    [
        (RolloutOutcome.COMPLETED, False, Part.COMPLETED),
        (RolloutOutcome.REJECTED, False, Part.FAILED),
        (RolloutOutcome.PUT_BACK, False, Part.FAILED),
        (RolloutOutcome.PUT_BACK, True, Part.PUT_BACK),
        (RolloutOutcome.ROLLBACK_FAILED, True, Part.STRANDED),
        (RolloutOutcome.COMPLETED, True, Part.STRANDED),
    ],
)
def test_only_the_end_that_was_meant_is_a_good_one(outcome, returning, part):
    assert ended_part(outcome, returning=returning) is part


@pytest.mark.parametrize(
    ("api", "order", "held"),
    [
        ({"part": Part.WAITING}, Order.IN_STEP, ("api",)),
        ({"part": Part.OPEN}, Order.IN_STEP, ("api",)),
        ({"part": Part.OPEN, "color": "red"}, Order.IN_STEP, ("api",)),
        ({"part": Part.OPEN, "color": "yellow"}, Order.IN_STEP, ()),
        ({"part": Part.OPEN, "color": "green"}, Order.IN_STEP, ()),
        ({"part": Part.COMPLETED, "color": "green"}, Order.IN_STEP, ()),
        ({"part": Part.FAILED, "color": "red"}, Order.IN_STEP, ()),
        ({"part": Part.OPEN, "color": "red"}, Order.SIDE_BY_SIDE, ()),
    ],
)
def test_in_step_a_color_waits_until_all_open_applications_have_come_to_it(api, order, held):
    group = a_group(api=a_member("api", **api), order=order)

    assert held_by(group, "web", "yellow") == held


def test_a_group_has_completed_when_all_have():
    done = {name: a_member(name, part=Part.COMPLETED) for name in ("web", "api")}

    assert resolve_group_outcome(a_group(**done)) == (
        RolloutOutcome.COMPLETED,
        "All of them run v1.42.0: web, api.",
    )


def test_a_failed_groups_cause_names_every_application():
    group = a_group(
        web=a_member("web", part=Part.PUT_BACK),
        api=a_member("api", part=Part.FAILED, outcome="rejected", cause="bob rejected red."),
        failed="api",
    )

    assert resolve_group_outcome(group) == (
        GroupOutcome.FAILED,
        "web: completed, and was put back. api: rejected: bob rejected red.",
    )


def test_a_group_that_did_not_end_as_any_step_recorded_is_a_fault():
    outcome, cause = resolve_group_outcome(a_group(), "A step failed (States.Timeout).")

    assert outcome == RolloutOutcome.FAULT
    assert cause == "A step failed (States.Timeout). web: not begun. api: not begun."
