from dataclasses import replace

import pytest

from handlers.domain.model.group import Order, Part
from handlers.domain.model.outcomes import GroupOutcome
from handlers.slack.group_blocks import group_board
from handlers.slack.message_budget import fits
from handlers.slack.messages.group_text import group_summary, group_title
from sandbox.wire.slack.slack_limits import problems_of_blocks
from tests.support.builders import a_group, a_member, after


def lines(group):
    return [b["text"]["text"] for b in group_board(group) if b["type"] == "section"]


def test_it_lists_each_application_and_leads_to_those_that_have_begun():
    group = a_group(web=a_member("web", part=Part.OPEN))

    (web, api) = lines(group)[1].splitlines()

    assert "execution:shingo-rollout:web-api-v1.42.0-1.web|web>" in web
    assert api == ":white_circle: *api* waits its turn"


def test_in_step_it_says_where_each_is():
    group = a_group(web=a_member("web", part=Part.OPEN, color="yellow"), order=Order.IN_STEP)

    assert lines(group)[1].splitlines()[0].endswith("· at yellow")


def test_it_quotes_why_one_failed_without_its_markup():
    failed = a_member("api", part=Part.FAILED, cause="bob rejected red: <!channel>")
    group = a_group(
        api=failed, outcome=GroupOutcome.FAILED, cause="api: rejected.", ended=after(hours=1)
    )

    assert "&lt;!channel&gt;" in lines(group)[1]
    assert lines(group)[-1] == "*One failed, and the rest was stopped.* api: rejected."
    assert group_summary(group).startswith("web and api v1.42.0: *One failed")


def a_large_group(**parts):
    """Return a group of as many applications in each part as are asked for."""
    names = {
        f"application-number-{number:03}-{part[:3]}": Part[part]
        for part, count in parts.items()
        for number in range(count)
    }
    members = {
        name: a_member(name, part=part, cause="&" * 500 if part is Part.FAILED else "")
        for name, part in names.items()
    }
    return replace(a_group(applications=tuple(names)), members=members)


@pytest.mark.parametrize("part", Part)
@pytest.mark.parametrize("count", [36, 50, 200, 500])
def test_hundreds_of_applications_fit_one_message(part, count):
    group = a_large_group(**{part.name: count})

    drawn = group_board(group)

    assert fits(drawn)
    assert problems_of_blocks(drawn) == []
    listed = "\n".join(lines(group))
    named = sum(name in listed for name in group.applications)
    assert named == count or f" and {count - named} more" in listed


def test_what_runs_the_release_shares_a_line_before_what_needs_attention_does():
    group = a_large_group(COMPLETED=40, WAITING=6, OPEN=3, FAILED=1)

    listed = "\n".join(lines(group)).splitlines()

    (done,) = [line for line in listed if line.startswith(":white_check_mark:")]
    assert done.startswith(":white_check_mark: *40* run the release: application-number-000-COM, ")
    assert sum(line.startswith(":hourglass_flowing_sand:") for line in listed) == 3
    assert sum(line.startswith(":white_circle:") for line in listed) == 6
    assert sum("failed: &amp;" in line for line in listed) == 1


def test_a_title_of_many_applications_is_short():
    group = a_large_group(OPEN=200)

    assert group_board(group)[0]["text"]["text"] == group_title(group)[:150]
