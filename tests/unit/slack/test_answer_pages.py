from handlers.slack.action_ids import Action
from handlers.slack.answer_pages import MAX_TEXT, answer_page, page_asked
from handlers.slack.message_budget import fits
from sandbox.wire.slack.slack_limits import problems_of_blocks

RAN = "Its colors ran it." * 14
LONG = "\n\n".join(f"*app-{n:03}* is not being rolled out. {RAN}" for n in range(200))


def pages(said, asked="status"):
    """Turn over all pages of an answer, as somebody does who presses the button."""
    shown = [answer_page(said, asked)]
    while (button := shown[-1]["blocks"][-1])["type"] == "actions":
        number, again = page_asked(button["elements"][0]["value"])
        assert (number, again) == (len(shown), asked)
        shown.append(answer_page(said, again, number))
    return shown


def test_a_short_answer_is_a_text():
    assert answer_page("api is not being rolled out.", "status") == {
        "text": "api is not being rolled out."
    }
    assert "blocks" not in answer_page("x" * MAX_TEXT, "status")


def test_a_long_answer_comes_in_pages_that_hold_everything():
    shown = pages(LONG)

    texts = [b["text"]["text"] for page in shown for b in page["blocks"] if b["type"] == "section"]
    assert "\n\n".join(texts) == LONG
    assert all(fits(page["blocks"]) and not problems_of_blocks(page["blocks"]) for page in shown)
    assert all(len(page["text"]) <= 150 for page in shown)


def test_each_page_says_which_it_is():
    shown = pages(LONG)

    places = [page["blocks"][-2 if page is not shown[-1] else -1] for page in shown]
    assert [place["elements"][0]["text"] for place in places] == [
        f"Page {number + 1} of {len(shown)}" for number in range(len(shown))
    ]


def test_a_page_beyond_the_last_is_the_last():
    assert answer_page(LONG, "status", 999) == pages(LONG)[-1]


def test_the_longest_command_fits_into_the_button():
    blocks = answer_page(LONG, "history api " + "x" * 4_000)["blocks"]

    assert blocks[-1]["elements"][0]["action_id"] == Action.NEXT_PAGE
    assert problems_of_blocks(blocks) == []


def test_a_value_that_is_none_of_ours_asks_for_the_first_page():
    assert page_asked("") == (0, "")
    assert page_asked("-1 status") == (0, "status")
    assert page_asked("٣ status") == (0, "status")
    assert page_asked("99999999 status") == (0, "status")
