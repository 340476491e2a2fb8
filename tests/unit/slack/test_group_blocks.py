from handlers.domain.model.group import Order, Part
from handlers.domain.model.outcomes import GroupOutcome
from handlers.slack.group_blocks import group_board
from handlers.slack.messages.group_text import group_summary, group_title
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


def test_two_hundred_applications_fit_one_message():
    names = tuple(f"application-number-{number:03}-abcdefg" for number in range(200))
    members = {name: a_member(name, part=Part.FAILED, cause="&" * 500) for name in names}
    group = a_group(applications=names)
    group = type(group)(**{**group.__dict__, "members": members})

    drawn = group_board(group)

    assert len(drawn) <= 50
    assert all(len(text) <= 3000 for text in lines(group))
    listed = "\n".join(lines(group))
    assert all(f"|{name}>*" in listed for name in names)
    assert len(group_title(group)) <= 150 or drawn[0]["text"]["text"] == group_title(group)[:150]
