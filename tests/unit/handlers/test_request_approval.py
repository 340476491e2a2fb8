"""Asking, looking again at what was asked, and carrying an answer that came in between."""

from datetime import timedelta

import pytest

from handlers.domain.config.approval_rules import ApprovalAnswer, ApprovalRules, OnExpiry
from handlers.domain.model.errors import ChannelClosed, Refused, SlackUnavailable
from handlers.domain.model.rollout import Stage
from handlers.request_approval import lambda_handler
from simulator.example_release import image
from tests.support.builders import (
    NEW,
    NOW,
    a_color,
    a_decision,
    a_doubted_color,
    a_release,
    a_released_color,
    a_rollout,
    after,
    an_application,
    an_approval,
)
from tests.support.records import change

FIRST = "token-1"


def ask(token=FIRST, color="red"):
    lambda_handler({"rollout": "api-v1.42.0-1", "color": color, "token": token}, None)


def red(outside):
    return outside.rollout.colors["red"]


@pytest.fixture
def outside(outside):
    outside.slack.post("C0ROLLOUTS", text="the board", blocks=["…"])
    outside.rollouts.create(a_rollout())
    return outside


@pytest.fixture
def asked(outside):
    ask("token-1")
    return outside


def question(outside):
    return outside.approvals.get(red(outside).approval)


def test_a_question_is_opened_for_so_long_and_for_these_people(outside):
    rules = ApprovalRules(users=("U0ALICE",), expires_after=timedelta(hours=4))
    outside.apps = {"api": an_application(rules={"red": rules})}

    ask("token-1")

    approval = question(outside)
    assert (approval.rollout, approval.color) == ("api-v1.42.0-1", "red")
    assert (approval.asked, approval.until) == (NOW, after(hours=4))
    assert (approval.token, approval.requester) == ("token-1", "U0CAROL")
    (asked,) = outside.slack.questions()
    assert asked["posted"] == "<@U0ALICE> May api v1.42.0 go to red?"
    assert red(outside).stage is Stage.ASKING


def test_what_is_asked_about_is_what_will_be_deployed(outside):
    unregistered = a_release(revision="", images={"app": image()})
    change(outside.rollouts, "api-v1.42.0-1", release=unregistered)

    ask()

    assert question(outside).release == image()


def test_once_the_revision_is_registered_it_is_what_is_asked_about(outside):
    ask()

    assert question(outside).release == NEW


def test_the_question_is_a_message_of_its_own_in_the_channel(asked):
    (shown,) = asked.slack.questions()
    (board,) = asked.slack.boards()

    assert (shown["channel"], shown["thread"]) == ("C0ROLLOUTS", "")
    assert red(asked).approval in str(shown["blocks"])
    assert red(asked).approval not in str(board["blocks"])
    message = red(asked).asked[red(asked).approval].message
    assert (message.ts, f"<{message.link}|question>" in str(board["blocks"])) == (shown["ts"], True)


def test_where_the_rules_name_nobody_nobody_is_called_and_anyone_may_answer(asked):
    (shown,) = asked.slack.questions()

    assert shown["posted"] == "May api v1.42.0 go to red?"
    assert "Anyone in the workspace may answer" in str(shown["blocks"])


def test_the_id_of_a_question_cannot_be_guessed(outside):
    ids = set()
    for number in range(20):
        outside.rollouts.create(a_rollout(id=f"api-{number}"))
        lambda_handler({"rollout": f"api-{number}", "color": "red", "token": "t"}, None)
        ids.add(outside.rollouts.read(f"api-{number}").colors["red"].approval)

    assert len(ids) == 20
    assert all(len(each) >= 22 for each in ids)


def test_the_token_goes_nowhere_but_into_the_question(asked, log):
    ask("token-2")

    told = str(asked.slack.messages) + str(asked.rollout) + log.getvalue()
    assert "token-1" not in told
    assert "token-2" not in told


def test_looking_again_asks_the_same_question_with_the_new_token(asked):
    first = question(asked)
    asked.time = after(minutes=30)

    ask("token-2")

    assert question(asked).id == first.id
    assert question(asked).token == "token-2"
    assert question(asked).until == first.until
    assert asked.executions.answers == {}


def test_looking_again_calls_nobody_a_second_time(asked):
    said = len(asked.slack.messages)

    ask("token-2")

    assert len(asked.slack.messages) == said


def test_an_answer_that_came_in_between_is_carried_to_the_new_token(asked):
    decision = a_decision("approved", at=after(minutes=29, seconds=59))
    asked.approvals.decide(red(asked).approval, decision)
    asked.time = after(minutes=30)

    ask("token-2")

    assert asked.executions.answers == {"token-2": {"outcome": "approved"}}
    assert red(asked).decision == decision


def test_nobody_answered_in_time(asked):
    asked.time = after(hours=8)

    ask("token-2")

    assert asked.executions.answers == {"token-2": {"outcome": "expired"}}
    assert question(asked).decision.outcome == "expired"
    assert red(asked).decision.outcome == "expired"


NOT_IN_CHANNEL = ChannelClosed("chat.postMessage: not_in_channel")


@pytest.mark.parametrize("why", [NOT_IN_CHANNEL, SlackUnavailable("chat.update: fatal_error")])
def test_a_question_does_not_expire_while_nobody_can_see_it(asked, why):
    asked.slack.refusals["C0ROLLOUTS"] = why
    asked.time = after(hours=9)

    ask("token-2")

    assert asked.executions.answers == {}
    assert question(asked).decision is None
    assert question(asked).until == red(asked).until == after(hours=17)


def test_once_people_can_see_it_again_they_have_the_whole_time(asked):
    asked.slack.refusals["C0ROLLOUTS"] = NOT_IN_CHANNEL
    asked.time = after(hours=5)
    ask("token-2")
    asked.slack.refusals = {}
    asked.time = after(hours=12)

    ask("token-3")
    assert question(asked).decision is None

    asked.time = after(hours=13)
    ask("token-4")
    assert question(asked).decision.outcome == "expired"


def test_a_question_that_was_never_shown_is_shown_on_the_next_look(outside):
    outside.slack.refusals["C0ROLLOUTS"] = NOT_IN_CHANNEL
    ask("token-1")
    assert outside.slack.questions() == []
    outside.slack.refusals = {}
    outside.time = after(minutes=15)

    ask("token-2")

    (shown,) = outside.slack.questions()
    assert shown["posted"] == "May api v1.42.0 go to red?"
    assert question(outside).until == after(hours=8)


def test_a_doubt_does_not_expire_unseen_either(outside):
    red = a_doubted_color("red")
    change(outside.rollouts, "api-v1.42.0-1", colors={"red": red})
    outside.approvals.ask(an_approval(id=red.doubt.id, about="health", until=red.doubt.until))
    outside.slack.refusals["C0ROLLOUTS"] = NOT_IN_CHANNEL
    outside.time = red.doubt.until

    lambda_handler(
        {"rollout": "api-v1.42.0-1", "color": "red", "token": "token-2", "about": "health"}, None
    )

    doubt = outside.rollout.colors["red"].doubt
    assert doubt.until == red.doubt.until + timedelta(hours=8)
    assert outside.approvals.get(doubt.id).decision is None


def test_a_moment_before_it_expires_it_is_still_open(asked):
    asked.time = after(hours=7, minutes=59, seconds=59)

    ask("token-2")

    assert asked.executions.answers == {}
    assert question(asked).decision is None


def test_an_answer_in_the_last_moment_is_not_lost_to_the_expiry(asked):
    asked.approvals.decide(red(asked).approval, a_decision("approved"))
    asked.time = after(hours=9)

    ask("token-2")

    assert asked.executions.answers == {"token-2": {"outcome": "approved"}}


def test_a_look_whose_token_closed_meanwhile_is_no_failure(asked):
    asked.approvals.decide(red(asked).approval, a_decision("approved"))
    asked.executions.gone.add("token-2")

    ask("token-2")

    assert red(asked).decision.outcome == "approved"


def test_a_withdrawn_question_is_answered_as_such(asked):
    asked.approvals.decide(red(asked).approval, a_decision("withdrawn", by="shingo"))

    ask("token-2")

    assert asked.executions.answers == {"token-2": {"outcome": "withdrawn"}}


def test_a_question_is_asked_though_slack_is_down(outside, log):
    outside.slack.is_down = True

    ask()

    assert question(outside).decision is None
    assert "slack: chat: ratelimited" in log.getvalue()


def test_slack_that_was_down_when_it_was_asked_shows_the_question_on_the_next_look(outside):
    outside.slack.is_down = True
    ask()
    outside.slack.is_down = False

    ask("token-2")

    (shown,) = outside.slack.questions()
    assert red(outside).approval in str(shown["blocks"])


def test_each_color_has_a_question_of_its_own(outside):
    outside.approvals.ask(an_approval(id="question-red", decision=a_decision()))
    change(
        outside.rollouts,
        "api-v1.42.0-1",
        colors={"red": a_released_color("red"), "yellow": a_color("yellow")},
    )

    ask(color="yellow")

    assert outside.rollout.colors["yellow"].approval not in {"", "question-red"}


def test_what_came_of_it_is_counted(asked, metrics):
    asked.time = after(hours=8)
    ask("token-2")

    (counted,) = metrics("Answers")
    assert (counted["outcome"], counted["application"]) == ("expired", "api")


def test_people_are_reminded_as_often_as_the_rules_say_and_once_each_time(asked):
    asked.time = after(hours=2, minutes=5)

    ask("token-2")
    ask("token-3")

    (reminder,) = [text for text in asked.slack.said(in_thread=True) if "has waited" in text]
    assert "for red has waited 2 h 5 min for an answer" in reminder
    (shown,) = asked.slack.questions()
    assert asked.slack.messages[-1]["thread"] == shown["ts"]


def test_a_reminder_calls_only_those_who_have_not_answered(outside):
    rules = ApprovalRules(users=("U0ALICE", "U0BOB"), required=2)
    outside.apps = {"api": an_application(rules={"red": rules})}
    ask()
    given = ApprovalAnswer(by="U0BOB", at=NOW)
    outside.approvals.approve(red(outside).approval, "U0BOB", given)
    outside.time = after(hours=2, minutes=5)

    ask("token-2")

    (reminder,) = [text for text in outside.slack.said(in_thread=True) if "has waited" in text]
    assert reminder.startswith("<@U0ALICE> api v1.42.0 for red has waited")


def test_a_question_that_keeps_waiting_does_not_expire(outside):
    rules = ApprovalRules(on_expiry=OnExpiry.KEEP_WAITING)
    outside.apps = {"api": an_application(rules={"red": rules})}
    ask("token-1")
    outside.time = after(days=2)

    ask("token-2")

    assert question(outside).decision is None
    assert outside.executions.answers == {}


def test_what_is_to_be_asked_again_is_a_new_question(asked):
    first = question(asked)
    asked.approvals.decide(first.id, a_decision("ask_again"))

    ask("token-2")

    assert question(asked).id != first.id
    assert (question(asked).token, question(asked).decision) == ("token-2", None)
    assert asked.executions.answers == {}


def test_a_rollout_that_is_to_go_back_asks_nothing_more(outside):
    change(outside.rollouts, "api-v1.42.0-1", roll_back_asked=a_decision("roll_back"))

    ask("token-1")

    assert outside.executions.answers == {"token-1": {"outcome": "roll_back"}}
    assert outside.approvals.records == {}


def test_a_question_that_comes_after_the_end_is_closed_by_whoever_asked_it(at_rest):
    """The rollout is ended between the record of the question's id and the question itself."""
    put = at_rest.approvals.ask

    def ends_in_between(approval):
        at_rest.rollouts.close(approval.rollout, outcome="aborted", cause="enough", now=NOW)
        put(approval)

    at_rest.approvals.ask = ends_in_between
    lambda_handler(
        {"rollout": at_rest.rollout.id, "color": "red", "about": "release", "token": "token-1"},
        None,
    )

    (question,) = at_rest.approvals.records.values()
    assert question.decision.outcome == "withdrawn"


@pytest.mark.parametrize("is_redriven", [False, True])
def test_so_is_one_that_a_second_try_puts_whose_id_was_chosen_before(at_rest, is_redriven):
    """The first try got no further than the id; the second is slow, and the rollout ends."""
    chosen = at_rest.rollouts.change_color(
        at_rest.rollout.id, "red", now=NOW, stage=Stage.ASKING, approval="question-of-the-first-try"
    )
    put = at_rest.approvals.ask

    def ends_in_between(approval):
        ended = at_rest.rollouts.close(chosen.id, outcome="aborted", cause="enough", now=NOW)
        if is_redriven:
            at_rest.rollouts.reopen(ended)
        put(approval)

    at_rest.approvals.ask = ends_in_between
    lambda_handler({"rollout": chosen.id, "color": "red", "about": "release", "token": "t"}, None)

    (question,) = at_rest.approvals.records.values()
    assert question.id == "question-of-the-first-try"
    assert question.decision.outcome == "withdrawn"


def test_a_question_is_not_left_open_where_nobody_can_say_what_it_is_for(at_rest):
    def refused(_):
        raise Refused("read the rollout: AccessDeniedException")

    ask = at_rest.approvals.ask

    def asked(approval):
        ask(approval)
        at_rest.rollouts.read = refused

    at_rest.approvals.ask = asked
    payload = {"rollout": at_rest.rollout.id, "color": "red", "about": "release", "token": "t"}
    with pytest.raises(Refused):
        lambda_handler(payload, None)

    (question,) = at_rest.approvals.records.values()
    assert question.decision.outcome == "withdrawn"
