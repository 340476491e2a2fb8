import copy
import re
from collections import Counter
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from workflows.drawing.graph import graph_of
from workflows.drawing.picture import UndrawableError, draw
from workflows.dsl.state_order import in_process_order

PICTURE = Path(__file__).parents[3] / "definitions/rollout.svg"
FOLDED = {"Choice", "Pass", "Wait"}
RECT = re.compile(r'<rect class="(.*?)" x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"')
TEXT = re.compile(r'<text class="(.*?)" x="(.*?)" y="(.*?)" text-anchor="(.*?)">(.*?)</text>')
LINE = re.compile(r'<polyline class=".*?" points="(.*?)"')
BOXES = {"box", "red", "yellow", "green"}
SIZES = {"name": 14, "end": 12.5, "note": 12}
README_WIDTH = 1250  # px; wider, the words are too small to be read there


def texts(svg):
    return [escaped.replace("&#x27;", "'") for escaped in re.findall(r">([^<]*)</text>", svg)]


def drawn(svg):
    """Its boxes, its words and where they stand, and its lines; areas are left, top, right, bottom."""
    boxes = [area(*map(int, sides)) for look, *sides in RECT.findall(svg) if look in BOXES]
    words = [(told, area_of_words(*shape, told)) for *shape, told in TEXT.findall(svg)]
    lines = [[tuple(map(int, p.split(","))) for p in line.split()] for line in LINE.findall(svg)]
    return boxes, words, lines


def area(x, y, width, height):
    return x, y, x + width, y + height


def area_of_words(look, x, y, anchor, told):
    """About where words stand, in a wide typeface."""
    width = 0.58 * SIZES[look] * len(told)
    before = {"start": 0, "middle": width / 2, "end": width}[anchor]
    height = 0.7 * SIZES[look]
    return area(int(x) - before, int(y) - height, width, height)


def parts(lines):
    """Each straight part of the lines, as an area without a width."""
    for line in lines:
        for (x, y), (u, v) in pairwise(line):
            yield min(x, u), min(y, v), max(x, u), max(y, v)


def meet(one, other):
    """Whether two areas have more in common than an edge."""
    across = max(one[0], other[0]) < min(one[2], other[2])
    return across and max(one[1], other[1]) < min(one[3], other[3])


def holds(outer, inner):
    across = outer[0] <= inner[0] and inner[2] <= outer[2]
    return across and outer[1] <= inner[1] and inner[3] <= outer[3]


def runs_through(part, through):
    left, top, right, bottom = part
    return meet((left - 0.1, top - 0.1, right + 0.1, bottom + 0.1), shrunk(through))


def shrunk(outer):
    left, top, right, bottom = outer
    return left + 0.2, top + 0.2, right - 0.2, bottom - 0.2


def on_one_another(one, other):
    """Whether two straight parts cross, or share more than a point."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width < 0 or height < 0:
        return False
    point = (max(one[0], other[0]), max(one[1], other[1]))
    return width > 0 or height > 0 or not (at_an_end(point, one) or at_an_end(point, other))


def at_an_end(point, part):
    return point in (part[:2], part[2:])


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


def test_edges_are_labelled_with_the_words_that_are_chosen_by(definition):
    labels = {(edge.start, edge.end): edge.labels for edge in graph_of(definition).edges}

    assert labels["Prepare rollout", "Wait for the image"] == ("await_image",)
    assert labels["Wait for the image", "Prepare rollout"] == ("pushed",)
    assert labels["Wait for its turn", "Prepare rollout"] == ("free",)
    assert labels["Wait for its turn", "Finish rollout"] == ("otherwise",)
    assert labels["Approve red", "Deploy red"] == ("approved",)
    assert labels["Approve red", "Finish rollout"] == ("otherwise",)
    assert labels["Approve yellow", "Roll back"] == ("otherwise",)
    assert labels["Verify red", "Approve yellow"] == ("go on",)
    assert labels["Verify red", "Ask about red"] == ("ask",)
    assert labels["Ask about red", "Verify red"] == ("look_again",)
    assert labels["Ask about red", "Approve yellow"] == ("approved",)
    assert labels["Ask about red", "Roll back"] == ("otherwise",)
    assert labels["Verify green", "Finish rollout"] == ("go on",)
    assert labels["Ask about green", "Finish rollout"] == ("approved",)
    assert labels["Finish rollout", "Rollout completed"] == ("completed", "put_back")
    assert labels["Finish rollout", "Rejected"] == ("Rejected",)
    assert ("Verify red", "Verify red") not in labels


def test_the_answers_about_health_are_told_as_people_give_them(definition):
    told = Counter(texts(PICTURE.read_text()))

    colors = 3
    assert told["ask"] == told["look again"] == colors
    assert told["go on"] == 2 * colors
    assert told["approved"] == colors


def test_texts_that_lead_to_the_rollback_are_all_told_where_their_lines_are_one(definition):
    other = copy.deepcopy(definition)
    stopped = {"Variable": "$.deployment.outcome", "StringEquals": "stopped", "Next": "Roll back"}
    other["States"]["Red deployed?"]["Choices"].append(stopped)

    assert "stopped, otherwise" in texts(draw(other))


def test_how_often_a_step_looks_again_is_read_from_the_definition(definition):
    slower = copy.deepcopy(definition)
    slower["States"]["Watch red"]["Seconds"] = 45
    slower["States"]["Watch yellow"]["Seconds"] = 60
    slower["States"]["Watch green"]["Seconds"] = 120
    slower["States"]["Approve red"]["TimeoutSeconds"] = 7200

    shown = texts(draw(slower))

    assert shown.count("looks again every 45 s") == 1
    assert shown.count("looks again every minute") == 1
    assert shown.count("looks again every 2 min") == 1
    assert shown.count("looks again every 120 min") == 1


@pytest.mark.parametrize(
    ("choice", "way"),
    [
        ("Rollout prepared?", "Prepare rollout → Approve yellow"),
        ("Red approved?", "Approve red → Verify red"),
        ("Red approved?", "Approve red → Approve green"),
        ("Red deployed?", "Deploy red → Finish rollout"),
        ("Green deployed?", "Deploy green → Approve red"),
    ],
)
def test_a_way_that_the_picture_has_no_rule_for_stops_the_drawing(definition, choice, way):
    strange = copy.deepcopy(definition)
    strange["States"][choice]["Default"] = way.split(" → ")[1]
    strange["States"][choice]["Choices"] = []

    with pytest.raises(UndrawableError, match=way):
        draw(strange)


def test_a_way_back_into_the_process_stops_the_drawing(definition):
    strange = copy.deepcopy(definition)
    strange["States"]["Finish rollout"]["Next"] = "Approve red"

    with pytest.raises(UndrawableError, match="Finish rollout → Approve red"):
        draw(strange)


def test_every_edge_leaves_its_box_on_a_line_of_its_own(definition):
    boxes, words, lines = drawn(PICTURE.read_text())
    box_of = {told: box for told, place in words for box in boxes if holds(box, place)}

    graph = graph_of(definition)
    for node in graph.nodes:
        if not (node.color or node is graph.nodes[0]):
            continue
        left, top, right, bottom = box_of[node.name]
        leaving = [
            (x, y)
            for (x, y), *_ in lines
            if (x in (left, right) and top <= y <= bottom)
            or (y in (top, bottom) and left <= x <= right)
        ]
        assert len(leaving) == sum(edge.start == node.name for edge in graph.edges), node.name


def test_boxes_lie_apart():
    boxes, _, _ = drawn(PICTURE.read_text())

    assert not [pair for pair in combinations(boxes, 2) if meet(*pair)]


def test_texts_lie_apart_and_either_in_a_box_or_outside():
    boxes, words, _ = drawn(PICTURE.read_text())

    assert not [(one, two) for (one, a), (two, b) in combinations(words, 2) if meet(a, b)]
    for told, place in words:
        assert not [box for box in boxes if meet(place, box) and not holds(box, place)], told


def test_no_line_runs_through_a_box_or_through_words():
    boxes, words, lines = drawn(PICTURE.read_text())

    for part in parts(lines):
        assert not [box for box in boxes if runs_through(part, box)], part
        assert not [told for told, place in words if runs_through(part, place)], part


def test_no_line_crosses_another_or_lies_on_it():
    _, _, lines = drawn(PICTURE.read_text())

    assert not [pair for pair in combinations(parts(lines), 2) if on_one_another(*pair)]


def test_all_of_it_is_on_the_paper_and_the_paper_fits_the_readme():
    svg = PICTURE.read_text()
    boxes, words, lines = drawn(svg)

    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
    assert width <= README_WIDTH
    for shape in [*boxes, *(place for _, place in words), *parts(lines)]:
        assert holds((8, 8, width - 8, height - 8), shape), shape


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
