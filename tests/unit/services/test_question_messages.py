"""Questions' messages: one each, kept as the record says, with no dead question left to press."""

import pytest

from handlers.domain.config.approval_rules import ApprovalRules, Notify
from handlers.domain.model.errors import MessageGone
from handlers.domain.model.rollout import Stage
from handlers.services.question_messages import QuestionMessages
from simulator.fake_services import FakeSlack
from simulator.in_memory_stores import InMemoryRollouts
from tests.support.asked_rollout import ask_about_red
from tests.support.builders import a_color, a_decision, a_rollout

RULES = ApprovalRules(users=("U0ALICE", "U0CAROL"), groups=("S0SRE",))


class Asking:
    """A rollout that asks about red."""

    def __init__(self, rules=RULES, **given):
        self.slack = FakeSlack("U0SRE1")
        self.rollouts = InMemoryRollouts(a_rollout(**given))
        self.messages = QuestionMessages(
            self.slack, self.rollouts, lambda *_: rules, lambda _: "C0API"
        )
        ask_about_red(self.rollouts, self.rollout, rules)

    @property
    def rollout(self):
        return next(iter(self.rollouts.records.values()))

    @property
    def asked(self):
        return self.rollout.colors["red"].asked["question-red"]

    def show(self, **how):
        return self.messages.show(self.rollout, **how)


@pytest.fixture
def asking():
    return Asking()


def test_a_question_is_posted_once_and_where_it_is_is_recorded(asking):
    asking.show()
    asking.show()

    (message,) = asking.slack.messages
    assert message["posted"] == "<@U0ALICE> <!subteam^S0SRE> May api v1.42.0 go to red?"
    assert (asking.asked.message.ts, asking.asked.message.channel) == (
        message["ts"],
        asking.rollout.board.channel,
    )
    assert asking.asked.message.link.startswith("https://recipes.slack.com/archives/C0ROLLOUTS/p")


def test_once_it_is_answered_the_same_message_says_so(asking):
    asking.show()
    asking.rollouts.decide_color(asking.rollout.id, "red", a_decision())

    asking.show()

    (message,) = asking.slack.messages
    assert "Approved by <@U0BOB>" in str(message["blocks"])
    assert "action_id" not in str(message["blocks"])
    assert asking.asked.is_closed


def test_what_slack_did_not_take_is_asked_on_the_next_look(asking, log):
    asking.slack.is_down = True
    _, is_shown = asking.show()
    asking.slack.is_down = False
    _, is_shown_now = asking.show()

    assert (is_shown, is_shown_now) == (False, True)
    assert "slack: chat: ratelimited" in log.getvalue()
    assert len(asking.slack.questions()) == 1


def test_a_message_whose_address_is_lost_has_nothing_to_press(asking):
    """The post comes to be, and its answer is lost: the next look posts another."""
    asking.slack.post("C0API", text="May api v1.42.0 go to red?")

    asking.show()

    lost, message = asking.slack.messages
    assert (lost["blocks"], message["ts"]) == ((), asking.asked.message.ts)


def test_of_two_that_post_at_once_one_is_the_question(asking):
    seen = asking.rollout
    asking.messages.show(seen)
    asking.messages.show(seen)

    assert len(asking.slack.questions()) == 1


def test_a_question_that_was_never_shown_is_closed_without_a_message(asking):
    asking.rollouts.decide_color(asking.rollout.id, "red", a_decision("withdrawn"))

    asking.show()

    assert (asking.slack.messages, asking.asked.is_closed) == ([], True)


def test_a_message_that_a_slow_step_drew_over_is_mended_when_all_are_drawn(asking):
    asking.show()
    (message,) = asking.slack.messages
    older = message["blocks"]
    asking.rollouts.decide_color(asking.rollout.id, "red", a_decision())
    asking.show()
    message["blocks"] = older

    asking.show()
    assert "action_id" in str(message["blocks"])
    asking.show(all_of_them=True)

    assert "action_id" not in str(message["blocks"])


def test_a_question_whose_message_is_gone_is_asked_by_another(asking, monkeypatch):
    asking.show()
    (deleted,) = asking.slack.messages
    edit = asking.slack.edit

    def refuse(message, **shown):
        if message.ts == deleted["ts"]:
            raise MessageGone("chat.update: message_not_found")
        edit(message, **shown)

    monkeypatch.setattr(asking.slack, "edit", refuse)
    asking.show()
    asking.show()

    _, message = asking.slack.messages
    assert asking.asked.message.ts == message["ts"]
    assert "question-red" in str(message["blocks"])


def test_nothing_is_posted_for_an_answered_question_whose_message_is_gone(asking, monkeypatch):
    def refuse(*_, **__):
        raise MessageGone("chat.update: message_not_found")

    asking.show()
    monkeypatch.setattr(asking.slack, "edit", refuse)
    asking.rollouts.decide_color(asking.rollout.id, "red", a_decision())

    asking.show()

    assert (len(asking.slack.messages), asking.asked.is_closed) == (1, True)


def test_an_open_question_of_before_gets_its_message():
    """A rollout that began before questions had messages of their own."""
    before = a_color("red", stage=Stage.ASKING, approval="question-red")
    rollouts = InMemoryRollouts(a_rollout(before))
    rollouts._table.update("api-v1.42.0-1", {"colors.red.asked": None})
    slack = FakeSlack()
    messages = QuestionMessages(slack, rollouts, lambda *_: RULES, lambda _: "C0API")

    messages.show(rollouts.read("api-v1.42.0-1"))
    messages.show(rollouts.read("api-v1.42.0-1"))

    (message,) = slack.questions()
    assert "question-red" in str(message["blocks"])


def test_the_people_of_the_rules_are_written_to_alone_where_the_rules_say_so():
    asking = Asking(ApprovalRules(users=("U0ALICE",), groups=("S0SRE",), notify=Notify.DM))

    asking.show()
    asking.show()

    question, *direct = asking.slack.messages
    assert question["posted"] == "May api v1.42.0 go to red?"
    assert [m["channel"] for m in direct] == ["U0ALICE", "U0SRE1"]
    assert direct[0]["text"].endswith(f"<{asking.asked.message.link}|Answer>")


def test_nobody_is_called_where_the_rules_say_so():
    asking = Asking(ApprovalRules(users=("U0ALICE",), notify=Notify.NOBODY))

    asking.show()

    (question,) = asking.slack.messages
    assert question["posted"] == "May api v1.42.0 go to red?"
