"""The picture of the machine for the README: a lane per color, and the ways out of it.

Drawn from the definition, on whole pixels: the same bytes anywhere. A way for which there
is no rule here stops the drawing, so that the picture never leaves one out.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

from handlers.domain.approvals.approval import Subject
from handlers.domain.model.outcomes import DecisionOutcome
from workflows.drawing.graph import Edge, Node, graph_of
from workflows.drawing.layout import (
    BOX,
    CHIP,
    EXIT_OFFSET,
    FINISH_X,
    FRAME_LEFT,
    LANE_HEIGHT,
    LANE_LEFT,
    MARGIN,
    NEXT_LANE_X,
    RIGHT,
    ROLLBACK_X,
    WIDTH,
    Layout,
    Role,
)
from workflows.drawing.svg import Point, box, line, picture, text

LANE_OFFSET: Final = 12  # from the middle of a box: the ways to and fro run beside each other
SIDE_WAIT_OFFSET: Final = 48  # the same, at the start, for the wait that does not stand above it
TURN_HEIGHTS: Final = (44, 20)  # above the start: where the ways to that wait, and from it, turn
LABELS: Final[dict[tuple[str, str], str]] = {(Subject.HEALTH, DecisionOutcome.APPROVED): "go on"}
"""What a question is about, an outcome → what people press, where that is not its name."""


class UndrawableError(Exception):
    """The definition has a way that the picture has no rule for."""


def draw(machine: Mapping[str, Any]) -> str:
    """The machine as an SVG file.

    Raises:
        UndrawableError: It has a way that the picture has no rule for.
    """
    folded = graph_of(machine)
    layout = Layout(folded)
    shapes = [*_lanes(layout), *_frames(layout)]
    for way in folded.ways:
        roles = layout.role(way.start), layout.role(way.end)
        if roles not in ROUTES:
            raise _undrawable_edge(way)
        shapes += ROUTES[roles](layout, way)
    for node in folded.nodes:
        shapes += _node(layout, node)
    return picture((WIDTH, layout.height), "How a rollout goes", shapes)


def _lanes(layout: Layout) -> Iterator[str]:
    for lane, color in enumerate(layout.colors):
        top = layout.lane_top(lane)
        yield box((LANE_LEFT, top), (RIGHT - LANE_LEFT, LANE_HEIGHT), "lane")
        yield text((LANE_LEFT + MARGIN, top + EXIT_OFFSET), color, "note", "start")


def _frames(layout: Layout) -> Iterator[str]:
    (x, y), size = layout.frame_of_back
    yield box((x, y), size, "frame")
    yield text((x + MARGIN, y + 25), layout.back.name, "name", "start")
    yield text((x + MARGIN + 86, y + 25), "every changed color at once", "note", "start")
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
    yield text((middle, y + 42), f"looks again every {_in_words(node.looks_again)}", "note")


def _in_words(duration: timedelta) -> str:
    if duration == timedelta(minutes=1):
        return "minute"
    seconds = int(duration.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _route_to_wait(layout: Layout, way: Edge) -> Iterator[str]:
    (x, top), (end, bottom) = layout.top_of(way.start), layout.bottom_of(way.end)
    if layout.is_above_the_start(way.end):
        yield line([(x - LANE_OFFSET, top), (x - LANE_OFFSET, bottom)], "way")
        yield text((x - LANE_OFFSET - 8, bottom + 18), _edge_label(layout, way), "note", "end")
        return
    _refuse_third_wait(layout, way, way.end)
    x, end, turn = x + SIDE_WAIT_OFFSET, end - LANE_OFFSET, top - TURN_HEIGHTS[0]
    yield line([(x, top), (x, turn), (end, turn), (end, bottom)], "way")
    yield text((x + 4 * LANE_OFFSET, turn - 6), _edge_label(layout, way), "note", "start")


def _route_back_from_wait(layout: Layout, way: Edge) -> Iterator[str]:
    (x, bottom), (end, top) = layout.bottom_of(way.start), layout.top_of(way.end)
    if layout.is_above_the_start(way.start):
        yield line([(x + LANE_OFFSET, bottom), (x + LANE_OFFSET, top)], "way")
        yield text((x + LANE_OFFSET + 8, bottom + 18), _edge_label(layout, way), "note", "start")
        return
    _refuse_third_wait(layout, way, way.start)
    x, end, turn = x + LANE_OFFSET, end + SIDE_WAIT_OFFSET + 2 * LANE_OFFSET, top - TURN_HEIGHTS[1]
    yield line([(x, bottom), (x, turn), (end, turn), (end, top)], "way")
    yield text((end + LANE_OFFSET, turn - 6), _edge_label(layout, way), "note", "start")


def _refuse_third_wait(layout: Layout, way: Edge, wait: str) -> None:
    if layout.waits.index(wait) > 1:
        raise _undrawable_edge(way)


def _route_to_first_lane(layout: Layout, way: Edge) -> Iterator[str]:
    if way.end != layout.lanes[0][0]:
        raise _undrawable_edge(way)
    x, bottom = layout.bottom_of(way.start)
    yield line([(x, bottom), (x, layout.corner(way.end)[1])], "way")
    yield text((x + 8, bottom + 22), _edge_label(layout, way), "note", "start")


def _route_along_lane(layout: Layout, way: Edge) -> Iterator[str]:
    ahead = layout.columns_ahead(way)
    if layout.goes_on(way):
        yield from _route_to_next_lane(layout, way)
    elif ahead == 1:
        (x, y), (end, _) = layout.right_of(way.start), layout.left_of(way.end)
        y -= LANE_OFFSET if layout.has_a_way(way.end, way.start) else 0
        yield line([(x, y), (end, y)], "way")
        yield text(((x + end) // 2, y - 8), _edge_label(layout, way), "note")
    elif ahead == -1:
        (x, y), (end, _) = layout.left_of(way.start), layout.right_of(way.end)
        yield line([(x, y + LANE_OFFSET), (end, y + LANE_OFFSET)], "way")
        yield text(((x + end) // 2, y + LANE_OFFSET + 16), _edge_label(layout, way), "note")
    else:
        raise _undrawable_edge(way)


def _route_to_next_lane(layout: Layout, way: Edge) -> Iterator[str]:
    """Below the lane to the left; what starts further right joins the line that is there."""
    x, bottom = layout.bottom_of(way.start)
    gap = layout.gap_of(way.start)
    others = layout.together(way)
    earlier = others[: others.index(way)]
    if earlier:
        joint, _ = layout.bottom_of(earlier[-1].start)
        yield line([(x, bottom), (x, gap), (joint, gap)], "way", tip=False)
    elif way.end == layout.finish.name:
        end, top = layout.top_of(way.end)
        yield line([(x, bottom), (x, gap), (end, gap), (end, top)], "way")
    else:
        end, y = layout.left_of(way.end)
        yield line([(x, bottom), (x, gap), (NEXT_LANE_X, gap), (NEXT_LANE_X, y), (end, y)], "way")
    yield text((x - 8, gap - 5), _edge_label(layout, way), "note", "end")


def _route_to_rollback(layout: Layout, way: Edge) -> Iterator[str]:
    """Above the lane to the right and down; each line ends where it joins the next one."""
    (x, top), bus = layout.top_of(way.start), layout.bus_of(way.start)
    others = layout.together(way)
    joined = next(iter(others[others.index(way) + 1 :]), None)
    lane = layout.lane_of(way.start)
    if joined and layout.lane_of(joined.start) == lane:
        end, _ = layout.top_of(joined.start)
        yield line([(x, top), (x, bus), (end, bus)], "out", tip=False)
        return
    yield line(
        [(x, top), (x, bus), *_points_to_rollback(layout, bus, joined)], "out", tip=not joined
    )
    words = (_edge_label(layout, w) for w in others if w.start in layout.lanes[lane])
    yield text((RIGHT - 8, bus - 5), ", ".join(dict.fromkeys(words)), "note", "end")


def _route_from_start_to_rollback(layout: Layout, way: Edge) -> Iterator[str]:
    x, y = layout.right_of(way.start)
    y -= 14
    joined = next(iter(layout.together(way)[1:]), None)
    yield line([(x, y), *_points_to_rollback(layout, y, joined)], "out", tip=not joined)
    yield text((x + 8, y - 6), _edge_label(layout, way), "note", "start")


def _points_to_rollback(layout: Layout, y: int, joined: Edge | None) -> list[Point]:
    if joined:
        return [(ROLLBACK_X, y), (ROLLBACK_X, layout.bus_of(joined.start))]
    _, into = layout.left_of(layout.finish.name)
    return [(ROLLBACK_X, y), (ROLLBACK_X, into), (RIGHT, into)]


def _route_from_start_to_end(layout: Layout, way: Edge) -> Iterator[str]:
    x, _ = layout.right_of(way.start)
    (end, y), _ = layout.chips[way.end]
    yield line([(x, y + CHIP // 2), (end, y + CHIP // 2)], "out")
    yield text((x + 8, y + CHIP // 2 - 6), _edge_label(layout, way), "note", "start")


def _route_to_finish(layout: Layout, way: Edge) -> Iterator[str]:
    if layout.goes_on(way):
        yield from _route_to_next_lane(layout, way)
        return
    if way.start not in (*layout.waits, layout.start.name, layout.lanes[0][0]):
        raise _undrawable_edge(way)
    (x, y), (end, into) = layout.left_of(way.start), layout.left_of(way.end)
    others = sorted(layout.together(way), key=lambda other: layout.leaves_at(other.start))
    start = [(x, y)]
    if layout.leaves_at(way.start) != y:
        x, y = layout.top_of(way.start)[0], layout.leaves_at(way.start)
        start = [layout.top_of(way.start), (x, y)]
    if way == others[-1]:
        points = [(FINISH_X, y), (FINISH_X, into), (end, into)]
    else:
        joint = layout.leaves_at(others[others.index(way) + 1].start)
        points = [(FINISH_X, y), (FINISH_X, joint)]
    yield line([*start, *points], "out", tip=way == others[-1])
    yield text((FINISH_X + 4, y - 6), _edge_label(layout, way), "note", "start")


def _route_from_rollback_to_finish(layout: Layout, way: Edge) -> Iterator[str]:
    end, y = layout.right_of(way.end)
    yield line([(FRAME_LEFT, y), (end, y)], "way")


def _route_from_finish_to_end(layout: Layout, way: Edge) -> Iterator[str]:
    middle, bottom = layout.bottom_of(way.start)
    if way.end in layout.successes:
        (end, top), _ = layout.chips[way.end]
        look, words, x, y = "way", _edge_label(layout, way), middle, top + CHIP // 2
    elif way.end == layout.first_failure:
        (end, top), _ = layout.failures
        look, words, x, y = "out", "by its error's name", middle - 2 * LANE_OFFSET, top + 26
    else:
        return
    yield line([(x, bottom), (x, y), (end, y)], look)
    yield text((x + 8, y - 6), words, "note", "start")


def _edge_label(layout: Layout, way: Edge) -> str:
    about = layout.about[way.start]
    return ", ".join(LABELS.get((about, word), word.replace("_", " ")) for word in way.words)


def _undrawable_edge(way: Edge) -> UndrawableError:
    return UndrawableError(f"no rule to draw {way.start} → {way.end}")


ROUTES: Final[dict[tuple[Role, Role], Callable[[Layout, Edge], Iterator[str]]]] = {
    (Role.START, Role.WAIT): _route_to_wait,
    (Role.WAIT, Role.START): _route_back_from_wait,
    (Role.WAIT, Role.FINISH): _route_to_finish,
    (Role.START, Role.COLOR): _route_to_first_lane,
    (Role.START, Role.BACK): _route_from_start_to_rollback,
    (Role.START, Role.FINISH): _route_to_finish,
    (Role.START, Role.END): _route_from_start_to_end,
    (Role.COLOR, Role.COLOR): _route_along_lane,
    (Role.COLOR, Role.BACK): _route_to_rollback,
    (Role.COLOR, Role.FINISH): _route_to_finish,
    (Role.BACK, Role.FINISH): _route_from_rollback_to_finish,
    (Role.FINISH, Role.END): _route_from_finish_to_end,
}
