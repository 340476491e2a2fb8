"""Text of others and mentions, as Slack's markup takes them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import accumulate

from handlers.domain.approvals.approval import mention
from handlers.domain.config.approval_rules import ApprovalRules


def plain(text: str) -> str:
    """Escape a text of others, so that none of it is markup.

    https://docs.slack.dev/messaging/formatting-message-text: exactly these three are escaped.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """Return what somebody typed, of which Slack has escaped the same three characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def clipped(text: str, most: int) -> str:
    """Return a text of others in one line of at most `most` characters, without any markup."""
    line = " ".join(text.split()).replace("```", "'''")
    ends = list(accumulate(len(plain(character)) for character in line))
    if not ends or ends[-1] <= most:
        return plain(line)
    return plain(line[: sum(end < most for end in ends)]) + "…"


def moment(at: datetime) -> str:
    """Return a time that Slack shows in each reader's own time zone.

    https://docs.slack.dev/messaging/formatting-message-text, "Date formatting".
    """
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{at:%d %b %H:%M} UTC>"


def mentions(ids: Iterable[str]) -> str:
    return listed(map(mention, ids))


def approver_mentions(rules: ApprovalRules, requester: str) -> str:
    """Mention those who may approve; the requester only where requesters may approve."""
    people, own = rules.people, rules.requester_may_approve
    users = [u for u in rules.users if own or not people.is_same(u, requester)]
    names = list(dict.fromkeys(mention(people.slack_id(u)) for u in users if people.slack_id(u)))
    names += [f"<!subteam^{group}>" for group in rules.groups]
    return f"{' '.join(names)} " if names else ""


def listed(names: Iterable[str]) -> str:
    return " and ".join(names)


def run_or_runs(names: Sequence[str]) -> str:
    return "run" if len(names) > 1 else "runs"


def go_or_goes(names: Sequence[str]) -> str:
    """Say "go" of several and "goes" of one."""
    return "go" if len(names) > 1 else "goes"
