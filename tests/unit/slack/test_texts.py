"""Every language has every text, with the same arguments, and within Slack's limits."""

import inspect
import re
import tomllib

import pytest

from handlers.domain.config.applications import load_applications
from handlers.domain.config.toml_reader import ConfigurationError
from handlers.domain.model.language import Language
from handlers.domain.model.rollout import AskedQuestion, Stage
from handlers.slack.board_blocks import rollout_board
from handlers.slack.catalogue.texts import ENGLISH, Texts, texts_in
from handlers.slack.dialogs import reject_dialog
from handlers.slack.question_blocks import question_message
from tests.support.builders import a_color, a_doubted_color, a_released_color, a_rollout
from tests.support.preparing import TAG, prepared

JAPANESE_SCRIPT = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
NAMES = [name for name, _ in inspect.getmembers(Texts, inspect.isfunction) if name[0] != "_"]
MOST = {
    r".*_label|.*_title|leave|roll_back$|.*_submit": 24,
    "approve|reject$|go_on|look_again|roll_back_because|roll_back_now$|withdraw$": 75,
    ".*_text": 300,
}
"""Characters: of a dialog's and a confirmation's texts, of buttons, of what is asked
(https://docs.slack.dev/reference/block-kit)."""


def own(language):
    kind = type(texts_in(language))
    return {name: each for name, each in vars(kind).items() if not name.startswith("_")}


def said(texts, name):
    arguments = inspect.signature(getattr(texts, name)).parameters
    return getattr(texts, name)(*(f"<{argument}>" for argument in arguments))


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_text_itself_with_the_same_arguments(language):
    declared = {name: inspect.signature(getattr(Texts, name)) for name in NAMES}

    assert {name: inspect.signature(each) for name, each in own(language).items()} == declared


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_every_text_says_all_that_it_is_given(language, name):
    texts = texts_in(language)

    told = said(texts, name)
    assert told
    assert all(f"<{each}>" in told for each in inspect.signature(getattr(texts, name)).parameters)


@pytest.mark.parametrize("name", NAMES)
def test_japanese_is_japanese(name):
    texts = texts_in(Language.JAPANESE)

    assert JAPANESE_SCRIPT.search(said(texts, name))
    assert said(texts, name) != said(ENGLISH, name)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_every_text_fits(language, name):
    texts = texts_in(language)
    arguments = inspect.signature(getattr(texts, name)).parameters
    longest = getattr(texts, name)(*("yellow" for _ in arguments))

    assert all(len(longest) <= most for names, most in MOST.items() if re.fullmatch(names, name))


def japanese(*colors):
    return a_rollout(*colors, language=Language.JAPANESE)


def pressed(blocks):
    """Return the texts of all that can be pressed, with what is asked before it counts."""
    buttons = [e for b in blocks if b["type"] == "actions" for e in b["elements"]]
    texts = [each["text"]["text"] for each in buttons]
    asked = [value["text"] for each in buttons for value in each.get("confirm", {}).values()]
    return [*texts, *asked]


def asking(**given):
    return a_color("red", stage=Stage.ASKING, approval="question-red", **given)


def test_what_is_pressed_on_a_board_is_in_its_language():
    before, after = (
        pressed(rollout_board(japanese(asking()))),
        pressed(rollout_board(japanese(a_released_color("red")))),
    )

    assert before == [
        "取り下げる",
        "取り下げますか?",
        "まだ何も変更されていません。",
        "取り下げる",
        "やめる",
    ]
    assert after[0] == "今すぐ元に戻す"
    assert all(map(JAPANESE_SCRIPT.search, after))


def test_what_is_pressed_on_a_question_is_in_its_language():
    red = asking()
    unclear = a_doubted_color("red")
    asked = AskedQuestion(is_about_health=True)

    release = question_message(japanese(red), red, "question-red", AskedQuestion())
    health = question_message(japanese(unclear), unclear, unclear.doubt.id, asked)

    assert pressed(release) == ["red を承認", "却下 …"]
    assert pressed(health) == ["続行", "もう一度確認", "元に戻す …"]


@pytest.mark.parametrize("rollout", [japanese(), japanese(a_doubted_color("red"))])
def test_the_dialog_that_asks_why_is_in_its_language(rollout):
    doubt = rollout.colors["red"].doubt
    dialog = reject_dialog(rollout, "red", doubt.id if doubt else "question-red")

    section, reason = dialog["blocks"]
    texts = [dialog[key]["text"] for key in ("title", "submit", "close")]
    texts += [reason["label"]["text"], reason["element"]["placeholder"]["text"]]
    assert all(map(JAPANESE_SCRIPT.search, [*texts, *section["text"]["text"].splitlines()]))


def languages(toml):
    return {name: each.language for name, each in load_applications(tomllib.loads(toml)).items()}


def test_an_application_may_speak_another_language_than_the_others():
    file = '[web]\ncluster = "recipes"\n[api]\ncluster = "recipes"\n'

    assert languages(file) == {"web": "en", "api": "en"}
    assert languages(f'language = "ja"\n{file}') == {"web": "ja", "api": "ja"}
    assert languages(f'language = "ja"\n{file}language = "en"') == {"web": "ja", "api": "en"}


@pytest.mark.parametrize("before", ['language = "fr"\n', ""])
def test_a_language_that_is_not_known_is_refused(before):
    after = "" if before else 'language = "jp"\n'

    with pytest.raises(ConfigurationError, match=r"language: found '\w\w', expected 'en' or 'ja'"):
        languages(f'{before}[api]\ncluster = "recipes"\n{after}')


def test_a_rollout_keeps_the_language_that_it_began_in(preparing):
    preparing.apps = load_applications({"language": "ja", "api": {"cluster": "recipes"}})

    prepared(TAG)

    assert preparing.rollouts.read("api-1").language is Language.JAPANESE
