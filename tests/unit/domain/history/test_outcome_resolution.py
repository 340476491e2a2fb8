"""What a rollout's end was: one row for each way in which the machine can reach its last step."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.domain.history.outcome_resolution import decision_cause, resolve_outcome
from handlers.domain.model.colors import COLORS
from handlers.domain.model.outcomes import (
    ERRORS,
    DecisionOutcome,
    DeploymentOutcome,
    RolloutOutcome,
    Verdict,
)
from handlers.domain.model.rollout import Stage
from tests.support.builders import a_color, a_decision, a_release, a_released_color, a_rollout

READY = {"outcome": "ready"}
APPROVED = READY | {"approval": {"outcome": "approved"}}
HEALTHY = APPROVED | {"verification": {"verdict": "healthy"}}
BACK = {"rollback": [{"outcome": "put_back"}]}
ALL_RELEASED = tuple(a_released_color(color) for color in COLORS)


def decided(outcome, **given):
    return a_color("red", approval="q", decision=a_decision(outcome, **given))


def put_back(outcome, failure="why", color="red"):
    return a_color(color, stage=Stage.PUT_BACK, changed=True, outcome=outcome, failure=failure)


def refused(outcome):
    return a_rollout(colors={}), {"outcome": outcome, "cause": f"because of {outcome}"}


ENDS = {
    RolloutOutcome.COMPLETED: (a_rollout(*ALL_RELEASED), HEALTHY),
    RolloutOutcome.PUT_BACK: (
        a_rollout(put_back(""), release=a_release(revision="")),
        {"outcome": "roll_back"} | BACK,
    ),
    RolloutOutcome.BUSY: refused("busy"),
    RolloutOutcome.MID_DEPLOYMENT: refused("mid_deployment"),
    RolloutOutcome.IMAGE_NOT_FOUND: refused("image_not_found"),
    RolloutOutcome.IMAGE_UNFIT: refused("image_unfit"),
    RolloutOutcome.NOT_DEPLOYABLE: refused("not_deployable"),
    RolloutOutcome.ALREADY_UNHEALTHY: refused("already_unhealthy"),
    RolloutOutcome.NO_ROOM: refused("no_room"),
    RolloutOutcome.NOBODY_CAN_ANSWER: refused("nobody_can_answer"),
    RolloutOutcome.REJECTED: (a_rollout(decided("rejected")), READY),
    RolloutOutcome.EXPIRED: (a_rollout(decided("expired", by="shingo")), READY),
    RolloutOutcome.WITHDRAWN: (a_rollout(decided("withdrawn", by="shingo")), READY),
    RolloutOutcome.SUPERSEDED_BY_PUSH: (
        a_rollout(colors={}, roll_back_asked=a_decision("superseded_by_push", reason="v1.42.1")),
        {"outcome": "superseded_by_push"},
    ),
    RolloutOutcome.ROLLED_BACK: (a_rollout(put_back("rolled_back")), APPROVED | BACK),
    RolloutOutcome.FAILED: (a_rollout(put_back("failed")), APPROVED | BACK),
    RolloutOutcome.SUPERSEDED: (a_rollout(put_back("superseded")), APPROVED | BACK),
    RolloutOutcome.STOPPED: (a_rollout(put_back("stopped")), APPROVED | BACK),
    RolloutOutcome.SCALED_TO_ZERO: (a_rollout(put_back("scaled_to_zero")), APPROVED | BACK),
    RolloutOutcome.OVERDUE: (a_rollout(put_back("overdue")), APPROVED | BACK),
    RolloutOutcome.UNHEALTHY: (a_rollout(put_back("unhealthy")), APPROVED | BACK),
    RolloutOutcome.UNVERIFIED: (a_rollout(put_back("unverified")), APPROVED | BACK),
    RolloutOutcome.ROLLED_BACK_BY_HAND: (
        a_rollout(put_back("completed"), roll_back_asked=a_decision("roll_back")),
        APPROVED | BACK,
    ),
    RolloutOutcome.STOPPED_WITH_GROUP: (
        a_rollout(put_back("completed"), roll_back_asked=a_decision("stopped_with_group")),
        APPROVED | BACK,
    ),
    RolloutOutcome.FAULT: (a_rollout(), {"fault": {"Error": "Refused", "Cause": "{…}"}}),
    RolloutOutcome.ROLLBACK_FAILED: (
        a_rollout(a_color("red", stage=Stage.STRANDED, changed=True, outcome="unhealthy")),
        APPROVED | BACK,
    ),
}


@pytest.mark.parametrize(("outcome", "end"), ENDS.items(), ids=ENDS)
def test_each_end_is_told_apart(outcome, end):
    rollout, state = end

    resolution = resolve_outcome(rollout, state)

    assert resolution.outcome is outcome
    assert resolution.cause


def test_every_outcome_that_the_machine_can_end_in_is_concluded():
    # An invalid input never reaches the last step.
    ends = {RolloutOutcome.COMPLETED, RolloutOutcome.PUT_BACK, *ERRORS} - {
        RolloutOutcome.INVALID_INPUT
    }

    assert set(ENDS) == ends


def test_one_that_was_superseded_names_the_newer_release():
    resolution = resolve_outcome(*ENDS[RolloutOutcome.SUPERSEDED_BY_PUSH])

    assert resolution.cause == "v1.42.1 was pushed before anything was changed."


def test_one_whose_question_was_closed_for_a_newer_push_names_it_too():
    closed = decided("superseded_by_push", by="shingo", reason="v1.42.1")

    resolution = resolve_outcome(a_rollout(closed), READY)

    assert resolution == resolve_outcome(*ENDS[RolloutOutcome.SUPERSEDED_BY_PUSH])


def test_one_that_was_withdrawn_before_it_had_colors_is_told_as_that():
    rollout = a_rollout(colors={}, roll_back_asked=a_decision("withdrawn", by="U0CAROL"))

    assert resolve_outcome(rollout, {"outcome": "withdrawn"}).outcome is RolloutOutcome.WITHDRAWN


def test_completed_names_the_revision():
    resolution = resolve_outcome(a_rollout(*ALL_RELEASED), HEALTHY)

    assert resolution.cause == "Every color runs api:42."


def test_a_rollout_that_somebody_took_back_names_them():
    asked = a_decision("roll_back", by="U0ALICE", reason="errors in the log")
    rollout = a_rollout(put_back("completed"), roll_back_asked=asked)

    resolution = resolve_outcome(rollout, APPROVED | BACK)

    assert resolution.outcome is RolloutOutcome.ROLLED_BACK_BY_HAND
    assert resolution.cause == (
        "U0ALICE rolled back the rollout: errors in the log. Put back: red to api:41."
    )


def test_a_rollout_that_was_withdrawn_names_who_did():
    asked = a_decision("withdrawn", by="U0CAROL")

    resolution = resolve_outcome(a_rollout(roll_back_asked=asked), READY)

    assert resolution.outcome is RolloutOutcome.WITHDRAWN
    assert resolution.cause == "U0CAROL withdrew the rollout."


def test_what_was_asked_back_too_late_has_completed():
    rollout = a_rollout(*ALL_RELEASED, roll_back_asked=a_decision("roll_back"))

    assert resolve_outcome(rollout, HEALTHY).outcome is RolloutOutcome.COMPLETED


def test_a_rollback_that_was_asked_for_and_worked_says_so():
    rollout, state = ENDS[RolloutOutcome.PUT_BACK]

    assert resolve_outcome(rollout, state).cause == "Its colors were put back."


def test_a_refusal_keeps_the_cause_that_prepare_gave():
    rollout, state = refused("busy")

    assert resolve_outcome(rollout, state).cause == "because of busy."


def test_a_failure_names_its_color_and_why_and_what_was_put_back():
    yellow = put_back("unhealthy", "1 of 2 targets are not healthy.", color="yellow")
    red = put_back("completed", "", color="red")

    resolution = resolve_outcome(a_rollout(red, yellow), HEALTHY | BACK)

    assert resolution.outcome is RolloutOutcome.UNHEALTHY
    assert resolution.cause == (
        "yellow: 1 of 2 targets are not healthy. Put back: red to api:41, yellow to api:41."
    )


def test_what_could_not_be_put_back_weighs_more_than_what_began_it():
    red = a_color(
        "red", stage=Stage.STRANDED, changed=True, outcome="completed", detail="No hosts."
    )
    yellow = put_back("unhealthy", "502s.", color="yellow")

    resolution = resolve_outcome(a_rollout(red, yellow), HEALTHY | BACK)

    assert resolution.outcome is RolloutOutcome.ROLLBACK_FAILED
    assert resolution.cause == (
        "red could not be put back to api:41: No hosts. It all began with: yellow: 502s."
    )


def test_a_color_whose_way_back_ended_in_a_fault_is_not_taken_for_put_back():
    red = a_color("red", stage=Stage.GOING_BACK, changed=True, outcome="unhealthy")

    resolution = resolve_outcome(a_rollout(red), APPROVED | {"rollback": [{"outcome": "fault"}]})

    assert resolution.outcome is RolloutOutcome.ROLLBACK_FAILED
    assert "red could not be put back to api:41: see the execution." in resolution.cause


def test_a_fault_is_named_by_its_error():
    resolution = resolve_outcome(
        a_rollout(), {"fault": {"Error": "Refused", "Cause": "x" * 30_000}}
    )

    assert resolution.cause == "A step failed (Refused). See the execution for its cause."


def test_a_fault_before_anything_was_recorded_is_still_a_fault():
    state = {"application": "api", "tag": "v1", "fault": {"Error": "Transient"}}

    assert resolve_outcome(None, state).outcome is RolloutOutcome.FAULT


@pytest.mark.parametrize(
    "state",
    [{}, {"outcome": "splendid"}, {"outcome": None}, READY, HEALTHY, {"fault": None}],
    ids=str,
)
def test_an_end_that_nothing_explains_is_a_fault(state):
    assert (
        resolve_outcome(a_rollout(a_released_color("red")), state).outcome is RolloutOutcome.FAULT
    )


@pytest.mark.parametrize(
    ("color", "told"),
    [
        (a_color(), "Nobody was asked about red."),
        (decided("expired", by="shingo"), "Nobody answered for red in time."),
        (decided("rejected", by="U0ALICE"), "U0ALICE rejected red"),
        (decided("rejected", by="U0ALICE", reason="502s"), "U0ALICE rejected red: 502s"),
    ],
    ids=["not asked", "expired", "rejected", "rejected with a reason"],
)
def test_a_questions_unhappy_end_is_one_sentence(color, told):
    assert decision_cause(color) == told


outcomes = st.sampled_from(["", *RolloutOutcome, *DecisionOutcome])
ends_of_a_color = st.sampled_from(["", *DeploymentOutcome])
colors = st.builds(
    a_color,
    st.sampled_from(COLORS),
    stage=st.sampled_from(Stage),
    changed=st.booleans(),
    outcome=ends_of_a_color,
    decision=st.none()
    | st.builds(a_decision, st.sampled_from(["approved", "rejected", "expired", "withdrawn"])),
)
rollouts = st.none() | st.builds(
    lambda listed: a_rollout(*listed), st.lists(colors | st.sampled_from(ALL_RELEASED), max_size=3)
)
states = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.sampled_from(["ready", "roll_back", "", *RolloutOutcome, *DecisionOutcome]),
        "approval": st.builds(dict, outcome=outcomes),
        "deployment": st.builds(dict, outcome=outcomes),
        "verification": st.builds(dict, verdict=st.sampled_from(Verdict)) | st.none(),
        "rollback": st.lists(st.builds(dict, outcome=outcomes), max_size=3),
        "fault": st.builds(dict, Error=st.text(max_size=5)) | st.none(),
    },
)


@given(rollouts | st.just(a_rollout(*ALL_RELEASED)), states | st.just(HEALTHY))
def test_completed_is_only_said_when_every_color_runs_the_release_and_nothing_went_wrong(
    rollout, state
):
    resolution = resolve_outcome(rollout, state)

    if resolution.outcome is RolloutOutcome.COMPLETED:
        assert {color.stage for color in rollout.colors.values()} == {Stage.RELEASED}
        assert {color.outcome for color in rollout.colors.values()} <= {"", "completed"}
        decisions = [c.decision.outcome for c in rollout.colors.values() if c.decision]
        assert set(decisions) <= {"approved"}
        assert not {"rollback", "fault"} & set(state)
        assert state["outcome"] == "ready"


@given(rollouts, states)
def test_whatever_happened_the_machine_has_an_end_for_it(rollout, state):
    resolution = resolve_outcome(rollout, state)

    succeeds = {RolloutOutcome.COMPLETED, RolloutOutcome.PUT_BACK}
    assert resolution.outcome in succeeds or ERRORS[resolution.outcome]
    assert resolution.cause


@given(rollouts, states)
def test_a_rollback_is_only_said_to_have_worked_when_every_changed_color_was_put_back(
    rollout, state
):
    resolution = resolve_outcome(rollout, state)

    if (
        resolution.outcome is RolloutOutcome.PUT_BACK
        and rollout is not None
        and "rollback" in state
    ):
        assert {color.stage for color in rollout.changed_colors} <= {Stage.PUT_BACK}
