"""The check before a rollout starts whether anybody can answer its questions.

Slack is asked about those who are named until enough are found. What it does not say counts as if
they could: a rollout is not refused because Slack is down.

Tested in `test_answer_check.py`.
"""

from datetime import timedelta
from functools import cache
from typing import Final

from handlers.domain.approvals.answerability import Directory, unmet_rule
from handlers.domain.config.applications import Application
from handlers.domain.model.account import Account
from handlers.domain.model.errors import SlackUnavailable
from handlers.observability import logger
from handlers.services.context import Context

MOST_LOOKED_UP: Final = 20
"""Accounts that Slack is asked about before one start; it takes some 100 a minute of all
(https://docs.slack.dev/reference/methods/users.info, Tier 4)."""
MOST_TIME: Final = timedelta(seconds=15)
"""After which no more is asked: the function has a minute, and other things to do."""


def answer_problems(context: Context, application: Application, requester: str) -> list[str]:
    """Name the colors about whose question nobody but the requester could say yes, and why."""
    directory = _directory(context)
    problems: dict[str, list[str]] = {}
    try:
        for color, rules in application.rules.items():
            unmet = unmet_rule(rules, requester, directory)
            if unmet:
                problems.setdefault(unmet, []).append(color)
    except SlackUnavailable as error:
        # What was found before is so all the same.
        logger().warning("who else can answer is not known: %s", error)
    return [f"{', '.join(colors)}: {unmet}" for unmet, colors in problems.items()]


def _directory(context: Context) -> Directory:
    """Return what Slack says, each thing asked for once; beyond the limit nobody is left out."""
    slack, known = context.gateways.slack, dict[str, Account]()
    until, served = context.now() + MOST_TIME, context.settings.team

    def account(user: str) -> Account | None:
        if user not in known and len(known) < MOST_LOOKED_UP and context.now() < until:
            known[user] = slack.account(user)
        return known.get(user)

    def members(group: str) -> list[str]:
        if context.now() >= until:
            raise SlackUnavailable("usergroups.users.list: it has taken too long to answer others")
        return sorted(slack.members(group))

    def why_unable(user: str) -> str:
        found = account(user)
        if found is None:
            return ""
        reasons = {
            "is a bot": found.is_bot,
            "is deactivated": found.is_deactivated,
            "is of another company": found.is_of_another_company(served),
        }
        return next((why for why, is_so in reasons.items() if is_so), "")

    def is_member(user: str) -> bool:
        found = account(user)
        return found is None or found.is_full_member(served)

    return Directory(members=cache(members), why_unable=why_unable, is_member=is_member)
