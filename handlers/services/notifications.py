"""Calling people by a mention or by direct messages, as the rules of their application say.

Tested in `test_boards.py`.
"""

from typing import Final

from handlers.domain.approvals.called_people import CalledPeople
from handlers.domain.config.approval_rules import ApprovalRules, Notify
from handlers.domain.model.errors import SlackUnavailable
from handlers.observability import logger
from handlers.services.ports import Slack
from handlers.slack.messages.markup import called, is_slack_user

MOST_DIRECT_MESSAGES: Final = 20
"""People who get one about the same thing; of a larger group the first."""


def mentions_of(rules: ApprovalRules, people: CalledPeople) -> str:
    """Return the mentions with which a message begins; empty where people are not mentioned."""
    return called(people) if rules.notify is Notify.MENTION else ""


def send_direct_messages(
    slack: Slack, rules: ApprovalRules, people: CalledPeople, text: str
) -> None:
    """Tell each of these people alone, where the rules say so; what Slack refuses is logged."""
    if rules.notify is not Notify.DM:
        return
    for person in _people(slack, people)[:MOST_DIRECT_MESSAGES]:
        try:
            # A person's id as the channel stands for the direct messages with them:
            # https://docs.slack.dev/reference/methods/chat.postMessage#channels
            slack.post(person, text=text)
        except SlackUnavailable as error:
            logger().warning("slack: %s", error)


def _people(slack: Slack, called_ones: CalledPeople) -> list[str]:
    """List the people who are meant, each once, with those of their groups."""
    found = [user for user in called_ones.users if is_slack_user(user)]
    for group in called_ones.groups:
        try:
            found += sorted(slack.members(group))
        except SlackUnavailable as error:
            logger().warning("slack: %s", error)
    return list(dict.fromkeys(found))
