from handlers.domain.history.outcome_resolution import Resolution
from handlers.domain.model.outcomes import RolloutOutcome
from handlers.services.close_rollout import close
from simulator.in_memory_stores import InMemoryApprovals, InMemoryRollouts
from tests.support.builders import NOW, a_color, a_decision, a_rollout, after, an_approval
from tests.support.handler_gateways import Outside

ABORTED = Resolution(outcome=RolloutOutcome.ABORTED, cause="Stopped by carol.")


def closed(rollout, *, rollouts=None, approvals=None, now=NOW, resolution=ABORTED):
    outside = Outside(
        rollouts=rollouts or InMemoryRollouts(rollout), approvals=approvals or InMemoryApprovals()
    )
    return close(outside.context(), rollout, resolution, now)


def test_a_rollout_is_ended_with_its_outcome_and_cause():
    rollout = a_rollout()

    ended, is_first = closed(rollout, now=after(minutes=5))

    assert is_first
    assert (ended.outcome, ended.cause) == ("aborted", "Stopped by carol.")
    assert ended.ended == after(minutes=5)


def test_an_open_question_is_withdrawn():
    rollout = a_rollout(a_color("red", approval="question-red"))
    approvals = InMemoryApprovals(an_approval(id="question-red"))

    closed(rollout, approvals=approvals)

    assert approvals.get("question-red").decision.outcome == "withdrawn"


def test_an_answer_that_was_just_given_stands():
    rollout = a_rollout(a_color("red", approval="question-red"))
    answered = an_approval(id="question-red", decision=a_decision("approved"))
    approvals = InMemoryApprovals(answered)

    closed(rollout, approvals=approvals)

    assert approvals.get("question-red").decision.outcome == "approved"


def test_a_question_that_was_answered_before_is_left_alone():
    rollout = a_rollout(a_color("red", approval="forgotten", decision=a_decision()))

    _, is_first = closed(rollout, approvals=InMemoryApprovals())

    assert is_first


def test_ending_it_again_changes_nothing():
    rollout = a_rollout()
    rollouts = InMemoryRollouts(rollout)
    first, _ = closed(rollout, rollouts=rollouts)

    again, is_first = closed(
        rollout,
        rollouts=rollouts,
        now=after(hours=1),
        resolution=Resolution(outcome=RolloutOutcome.COMPLETED, cause="Every color runs api:42."),
    )

    assert not is_first
    assert again == first == rollouts.get(rollout.id)
