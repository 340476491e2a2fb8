import copy
import re
from pathlib import Path

import pytest

from workflows.folding import fold
from workflows.order import in_process_order
from workflows.picture import UndrawableError, draw

PICTURE = Path(__file__).parent.parent.parent / "definitions/rollout.svg"
FOLDED = {"Choice", "Pass", "Wait"}


def texts(svg):
    return [escaped.replace("&#x27;", "'") for escaped in re.findall(r">([^<]*)</text>", svg)]


def steps_and_ends(machine):
    for name, state in machine["States"].items():
        if state["Type"] not in FOLDED:
            yield name
        for branch in state.get("Branches", ()):
            yield from steps_and_ends(branch)


def test_every_step_and_every_end_is_in_the_picture_once(definition):
    shown = texts(PICTURE.read_text())

    for name in steps_and_ends(definition):
        assert shown.count(name) == 1, name


def test_questions_pauses_and_detours_are_folded(definition):
    shown = texts(PICTURE.read_text())

    folded = {n for n, state in definition["States"].items() if state["Type"] in FOLDED}
    assert folded
    assert not folded & set(shown)


def test_the_ways_are_told_in_the_words_that_are_chosen_by(definition):
    ways = {(way.start, way.end): way.words for way in fold(definition).ways}

    assert ways["Approve red", "Deploy red"] == ("approved",)
    assert ways["Approve red", "Finish rollout"] == ("otherwise",)
    assert ways["Approve yellow", "Roll back"] == ("otherwise",)
    assert ways["Verify red", "Approve yellow"] == ("healthy",)
    assert ways["Verify green", "Finish rollout"] == ("healthy",)
    assert ways["Finish rollout", "Rollout completed"] == ("completed", "put_back")
    assert ways["Finish rollout", "Rejected"] == ("Rejected",)
    assert ("Verify red", "Verify red") not in ways


def test_how_often_a_step_looks_again_is_read_from_the_definition(definition):
    slower = copy.deepcopy(definition)
    slower["States"]["Watch red"]["Seconds"] = 45
    slower["States"]["Approve red"]["TimeoutSeconds"] = 7200

    shown = texts(draw(slower))

    assert shown.count("looks again every 45 s") == 1
    assert shown.count("looks again every 120 min") == 1


def test_a_way_that_the_picture_has_no_rule_for_stops_the_drawing(definition):
    strange = copy.deepcopy(definition)
    strange["States"]["Finish rollout"]["Next"] = "Approve red"

    with pytest.raises(UndrawableError, match="Finish rollout → Approve red"):
        draw(strange)


def test_it_is_read_in_light_and_in_dark():
    assert "prefers-color-scheme: dark" in PICTURE.read_text()


def test_the_states_stand_in_the_order_of_the_process(definition):
    names = list(definition["States"])

    assert names[:4] == [
        "Prepare rollout",
        "Rollout prepared?",
        "Approve red",
        "Look again at red's question",
    ]
    assert names.index("Verify green") < names.index("Roll back") < names.index("Finish rollout")


def test_the_order_does_not_depend_on_how_the_states_came(definition):
    shuffled = {**definition, "States": dict(sorted(definition["States"].items()))}

    assert list(in_process_order(shuffled)["States"]) == list(definition["States"])
