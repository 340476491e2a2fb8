import pytest

from handlers.domain.approval import Refusal, already_decided, answer
from handlers.domain.outcomes import Outcome
from handlers.domain.rollout import Decision
from handlers.domain.step import parse_step
from tests.builders import NOW, a_decision, after, an_approval


def answered(approval, *, by="U0BOB", at=NOW, outcome=Outcome.APPROVED, reason=""):
    return answer(approval, outcome=outcome, by=by, at=at, reason=reason)


def test_anyone_may_answer_where_no_approvers_are_named():
    decision = answered(an_approval(approvers=()), by="U0ANYONE", at=after(minutes=5))

    assert decision == Decision(outcome="approved", by="U0ANYONE", at=after(minutes=5))


def test_a_rejection_keeps_its_reason():
    decision = answered(an_approval(), outcome=Outcome.REJECTED, reason="errors in the log")

    assert (decision.outcome, decision.reason) == ("rejected", "errors in the log")


def test_a_named_approver_may_answer():
    assert isinstance(answered(an_approval(approvers=("U0ALICE", "U0BOB"))), Decision)


def test_a_stranger_is_told_who_may_answer():
    refusal = answered(an_approval(approvers=("U0ALICE", "U0BOB")), by="U0EVE")

    assert refusal == Refusal(reason="You may not answer for api. <@U0ALICE>, <@U0BOB> may.")


def test_an_answer_counts_until_the_question_expires_and_not_then():
    approval = an_approval(until=after(hours=8))

    in_time = answered(approval, at=after(hours=7, minutes=59, seconds=59))
    too_late = answered(approval, at=after(hours=8))

    assert isinstance(in_time, Decision)
    assert too_late == Refusal(reason="This question has expired; the rollout is being ended.")


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        (a_decision("approved", by="U0ALICE"), "<@U0ALICE> was first: approved."),
        (a_decision("rejected", by="U0ALICE"), "<@U0ALICE> was first: rejected."),
        (a_decision("expired", by="shingo"), "This question had already expired."),
        (
            a_decision("withdrawn", by="shingo"),
            "This question was withdrawn: the rollout has ended.",
        ),
    ],
    ids=lambda value: value.outcome if isinstance(value, Decision) else "",
)
def test_whoever_is_second_is_told_what_was_first(standing, told):
    refusal = answered(an_approval(decision=standing), by="U0BOB")

    assert refusal == Refusal(reason=told)
    assert already_decided(standing) == told


def test_a_step_never_shows_its_token():
    step = parse_step({"rollout": "api-1", "color": "red", "token": "AQCsecret"})

    assert step.token == "AQCsecret"
    assert "AQCsecret" not in repr(step)


def test_a_step_that_does_not_wait_has_no_token():
    assert parse_step({"rollout": "api-1", "color": "red"}).token == ""
