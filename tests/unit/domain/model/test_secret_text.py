import pytest

from handlers.domain.model.secret_text import is_meant, is_one_word, meant

TOKEN = "xoxb-1-2-abc"


@pytest.mark.parametrize(
    "stored",
    [
        f"{TOKEN}\n",
        f"{TOKEN}\r\n",
        f"  {TOKEN}\t",
        f"\ufeff{TOKEN}\r\n",
        f"{TOKEN}\u200b",
        f"{TOKEN}\x00\n",
        f'"{TOKEN}"\n',
        f"'{TOKEN}\n'",
        f'" {TOKEN} "',
    ],
    ids=["file", "Windows", "blanks", "mark", "width", "NUL", "quotes", "inside", "both"],
)
def test_what_stands_around_a_secret_is_left_out(stored):
    assert meant(stored) == TOKEN
    assert not is_meant(stored)


@pytest.mark.parametrize("stored", [TOKEN, 'one"quote', '"', ""])
def test_a_secret_with_nothing_around_it_is_as_it_is(stored):
    assert meant(stored) == stored
    assert is_meant(stored)


@pytest.mark.parametrize("stored", ["", "two words", "two\nlines", "xoxb-é", "a\x00b"])
def test_what_no_header_can_carry_is_no_secret(stored):
    assert is_one_word(TOKEN)
    assert not is_one_word(stored)
