from handlers.slack.message_budget import LEAST, fits, size_of, within_budget


def section(text):
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def test_what_fits_is_left_as_it_is():
    blocks = [section("x" * 2_000) for _ in range(5)]

    assert within_budget(blocks) == blocks


def test_the_longest_texts_are_shortened_and_none_is_left_out():
    short = section("who asked for it")
    context = {"type": "context", "elements": [{"type": "mrkdwn", "text": "y" * 3_000}]}
    blocks = [short, *(section("<@U0BOB> " * 330) for _ in range(5)), context]

    drawn = within_budget(blocks)

    assert fits(drawn)
    assert size_of(blocks) > 12_000
    assert (drawn[0], len(drawn)) == (short, 7)
    assert all(block["text"]["text"].endswith("> …") for block in drawn[1:6])


def test_fifty_blocks_of_the_longest_texts_fit():
    assert fits(within_budget([section("z" * 3_000) for _ in range(50)]))
    assert LEAST * 50 < 12_000
