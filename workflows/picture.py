"""The picture of the machine for the README: a lane per color, and the ways out of it.

Drawn from the definition, on whole pixels: the same bytes anywhere. A way for which there
is no rule here stops the drawing, so that the picture never leaves one out.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from workflows.folding import Node, Way, fold
from workflows.layout import (
    BACK_LEFT,
    BACK_WIDTH,
    BOX,
    BUS,
    CHIP,
    LANE_HEIGHT,
    LANE_LEFT,
    LANE_RIGHT,
    WAY_ON,
    WAY_TO_FINISH,
    WIDTH,
    Layout,
    Role,
)
from workflows.svg import box, line, picture, text


class UndrawableError(Exception):
    """The definition has a way that the picture has no rule for."""


def draw(machine: Mapping[str, Any]) -> str:
    """The machine as an SVG file.

    Raises:
        UndrawableError: It has a way that the picture has no rule for.
    """
    folded = fold(machine)
    layout = Layout(folded)
    shapes = [*_lanes(layout), *_frames(layout)]
    for way in folded.ways:
        roles = layout.role(way.start), layout.role(way.end)
        if roles not in ROUTES:
            raise UndrawableError(f"no rule to draw {way.start} → {way.end}")
        shapes += ROUTES[roles](layout, way)
    for node in folded.nodes:
        shapes += _node(layout, node)
    return picture((WIDTH, layout.height), "How a rollout goes", shapes)


def _lanes(layout: Layout) -> Iterator[str]:
    for lane, color in enumerate(layout.colors):
        top = layout.lane_top(lane)
        yield box((LANE_LEFT, top), (LANE_RIGHT - LANE_LEFT, LANE_HEIGHT), "lane")
        yield text((LANE_LEFT + 12, top + BUS + 4), color, "note", "start")


def _frames(layout: Layout) -> Iterator[str]:
    top, bottom = layout.back_top, layout.back_bottom
    yield box((BACK_LEFT, top), (BACK_WIDTH, bottom - top), "frame")
    yield text((BACK_LEFT + BACK_WIDTH // 2, top + 20), layout.back.name, "name")
    yield text((BACK_LEFT + BACK_WIDTH // 2, top + 36), "every changed color at once", "note")
    for branch in layout.back.branches:
        yield from _step(layout, branch, branch.name)
    (x, y), (width, height) = layout.failures
    yield box((x, y), (width, height), "frame")


def _node(layout: Layout, node: Node) -> Iterator[str]:
    if node.kind in {"Succeed", "Fail"}:
        (x, y), width = layout.chips[node.name]
        yield box((x, y), (width, CHIP), "green" if node.kind == "Succeed" else "box")
        yield text((x + width // 2, y + 19), node.name, "end")
    elif node.kind == "Task":
        yield from _step(layout, node, node.name)


def _step(layout: Layout, node: Node, name: str) -> Iterator[str]:
    x, y = layout.corner(name)
    width, height = BOX
    middle = x + width // 2
    yield box((x, y), BOX, node.color if node.color in {"red", "yellow", "green"} else "box")
    if node.looks_again is None:
        yield text((middle, y + height // 2 + 5), name, "name")
        return
    yield text((middle, y + 24), name, "name")
    yield text((middle, y + 42), f"looks again every {_spoken(node.looks_again)}", "note")


def _spoken(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _into_the_first_lane(layout: Layout, way: Way) -> Iterator[str]:
    x, bottom = layout.bottom_of(way.start)
    yield line([(x, bottom), (x, layout.corner(way.end)[1])], "way")
    yield text((x + 8, bottom + 22), _words(way), "note", "start")


def _along_the_process(layout: Layout, way: Way) -> Iterator[str]:
    if layout.lane_of(way.start) == layout.lane_of(way.end):
        (x, y), (end, _) = layout.right_of(way.start), layout.left_of(way.end)
        yield line([(x, y), (end, y)], "way")
        yield text(((x + end) // 2, y - 8), _words(way), "note")
        return
    x, bottom = layout.bottom_of(way.start)
    gap = layout.lane_bottom(layout.lane_of(way.start)) + 16
    end, y = layout.left_of(way.end)
    yield line([(x, bottom), (x, gap), (WAY_ON, gap), (WAY_ON, y), (end, y)], "way")
    yield text((x - 8, gap - 5), _words(way), "note", "end")


def _out_to_the_rollback(layout: Layout, way: Way) -> Iterator[str]:
    x, top = layout.top_of(way.start)
    bus = layout.lane_top(layout.lane_of(way.start)) + BUS
    if following := layout.after(way.start):
        # The rest of the line is that of the next box.
        end, _ = layout.top_of(following)
        yield line([(x, top), (x, bus), (end, bus)], "out", tip=False)
        return
    yield line([(x, top), (x, bus), (BACK_LEFT, bus)], "out")
    yield text((BACK_LEFT - 10, bus - 6), _words(way), "note", "end")


def _straight_to_the_rollback(layout: Layout, way: Way) -> Iterator[str]:
    x, y = layout.right_of(way.start)
    end = BACK_LEFT + BACK_WIDTH // 2
    yield line([(x, y - 14), (end, y - 14), (end, layout.back_top)], "out")
    yield text((x + 8, y - 20), _words(way), "note", "start")


def _straight_to_an_end(layout: Layout, way: Way) -> Iterator[str]:
    x, _ = layout.right_of(way.start)
    (end, y), _ = layout.chips[way.end]
    yield line([(x, y + CHIP // 2), (end, y + CHIP // 2)], "out")
    yield text((x + 8, y + CHIP // 2 - 6), _words(way), "note", "start")


def _straight_to_finish(layout: Layout, way: Way) -> Iterator[str]:
    if layout.role(way.start) is Role.COLOR and layout.is_last(way.start):
        x, bottom = layout.bottom_of(way.start)
        gap = layout.lane_bottom(layout.lane_of(way.start)) + 16
        end, top = layout.top_of(way.end)
        yield line([(x, bottom), (x, gap), (end - 24, gap), (end - 24, top)], "way")
        yield text((x - 8, gap - 5), _words(way), "note", "end")
        return
    x, y = layout.left_of(way.start)
    end, finish = layout.left_of(way.end)
    yield line([(x, y), (WAY_TO_FINISH, y), (WAY_TO_FINISH, finish), (end, finish)], "out")
    yield text((WAY_TO_FINISH + 4, y - 6), _words(way), "note", "start")


def _from_the_rollback_to_finish(layout: Layout, way: Way) -> Iterator[str]:
    x = BACK_LEFT + BACK_WIDTH // 2
    gap = layout.back_bottom + 32
    end, top = layout.top_of(way.end)
    points = [(x, layout.back_bottom), (x, gap), (end + 24, gap), (end + 24, top)]
    yield line(points, "way")


def _from_finish_to_an_end(layout: Layout, way: Way) -> Iterator[str]:
    x, _ = layout.right_of(way.start)
    (end, y), _ = layout.chips[way.end]
    if way.end in layout.successes:
        yield line([(x, y + CHIP // 2), (end, y + CHIP // 2)], "way")
        yield text((x + 8, y + CHIP // 2 - 6), _words(way), "note", "start")
    elif way.end == layout.first_failure:
        middle, bottom = layout.bottom_of(way.start)
        frame, top = layout.failures[0]
        yield line([(middle, bottom), (middle, top + 24), (frame, top + 24)], "out")
        yield text((middle + 8, top + 18), "by its error's name", "note", "start")


def _words(way: Way) -> str:
    return ", ".join(word.replace("_", " ") for word in way.words)


ROUTES: Final[dict[tuple[Role, Role], Callable[[Layout, Way], Iterator[str]]]] = {
    (Role.START, Role.COLOR): _into_the_first_lane,
    (Role.START, Role.BACK): _straight_to_the_rollback,
    (Role.START, Role.FINISH): _straight_to_finish,
    (Role.START, Role.END): _straight_to_an_end,
    (Role.COLOR, Role.COLOR): _along_the_process,
    (Role.COLOR, Role.BACK): _out_to_the_rollback,
    (Role.COLOR, Role.FINISH): _straight_to_finish,
    (Role.BACK, Role.FINISH): _from_the_rollback_to_finish,
    (Role.FINISH, Role.END): _from_finish_to_an_end,
}
