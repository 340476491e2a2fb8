"""The picture of the machine for the README: a lane per color, and the edges out of it.

Drawn from the definition, on whole pixels: the same bytes anywhere. An edge without
a rule here stops the drawing, so that the picture never leaves one out.
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

LANE_OFFSET: Final = 12  # from the middle of a box: the edges to and fro run beside each other
SIDE_WAIT_OFFSET: Final = 48  # the same, at the start, for the wait that does not stand above it
TURN_HEIGHTS: Final = (44, 20)  # above the start: where the edges to that wait, and from it, turn
LABELS: Final[dict[tuple[str, str], str]] = {(Subject.HEALTH, DecisionOutcome.APPROVED): "go on"}
"""What a question is about, an outcome → what people press, where that is not its name."""


class UndrawableError(Exception):
    """The definition has an edge that the picture has no rule for."""


def draw(machine: Mapping[str, Any]) -> str:
    """The machine as an SVG file.

    Raises:
        UndrawableError: It has an edge that the picture has no rule for.
    """
    graph = graph_of(machine)
    layout = Layout(graph)
    shapes = [*_lanes(layout), *_frames(layout)]
    for edge in graph.edges:
        roles = layout.role(edge.start), layout.role(edge.end)
        if roles not in ROUTES:
            raise _undrawable_edge(edge)
        shapes += ROUTES[roles](layout, edge)
    for node in graph.nodes:
        shapes += _node(layout, node)
    return picture((WIDTH, layout.height), "How a rollout goes", shapes)


def _lanes(layout: Layout) -> Iterator[str]:
    for lane, color in enumerate(layout.colors):
        top = layout.lane_top(lane)
        yield box((LANE_LEFT, top), (RIGHT - LANE_LEFT, LANE_HEIGHT), "lane")
        yield text((LANE_LEFT + MARGIN, top + EXIT_OFFSET), color, "note", "start")


def _frames(layout: Layout) -> Iterator[str]:
    (x, y), size = layout.rollback_frame
    yield box((x, y), size, "frame")
    yield text((x + MARGIN, y + 25), layout.rollback.name, "name", "start")
    yield text((x + MARGIN + 86, y + 25), "every changed color at once", "note", "start")
    for branch in layout.rollback.branches:
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
    if node.poll_interval is None:
        yield text((middle, y + height // 2 + 5), name, "name")
        return
    yield text((middle, y + 24), name, "name")
    yield text((middle, y + 42), f"looks again every {_in_words(node.poll_interval)}", "note")


def _in_words(duration: timedelta) -> str:
    if duration == timedelta(minutes=1):
        return "minute"
    seconds = int(duration.total_seconds())
    return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"


def _route_to_wait(layout: Layout, edge: Edge) -> Iterator[str]:
    (x, top), (end, bottom) = layout.top_of(edge.start), layout.bottom_of(edge.end)
    if layout.is_above_the_start(edge.end):
        yield line([(x - LANE_OFFSET, top), (x - LANE_OFFSET, bottom)], "way")
        yield text((x - LANE_OFFSET - 8, bottom + 18), _edge_label(layout, edge), "note", "end")
        return
    _refuse_third_wait(layout, edge, edge.end)
    x, end, turn = x + SIDE_WAIT_OFFSET, end - LANE_OFFSET, top - TURN_HEIGHTS[0]
    yield line([(x, top), (x, turn), (end, turn), (end, bottom)], "way")
    yield text((x + 4 * LANE_OFFSET, turn - 6), _edge_label(layout, edge), "note", "start")


def _route_back_from_wait(layout: Layout, edge: Edge) -> Iterator[str]:
    (x, bottom), (end, top) = layout.bottom_of(edge.start), layout.top_of(edge.end)
    if layout.is_above_the_start(edge.start):
        yield line([(x + LANE_OFFSET, bottom), (x + LANE_OFFSET, top)], "way")
        yield text((x + LANE_OFFSET + 8, bottom + 18), _edge_label(layout, edge), "note", "start")
        return
    _refuse_third_wait(layout, edge, edge.start)
    x, end, turn = x + LANE_OFFSET, end + SIDE_WAIT_OFFSET + 2 * LANE_OFFSET, top - TURN_HEIGHTS[1]
    yield line([(x, bottom), (x, turn), (end, turn), (end, top)], "way")
    yield text((end + LANE_OFFSET, turn - 6), _edge_label(layout, edge), "note", "start")


def _refuse_third_wait(layout: Layout, edge: Edge, wait: str) -> None:
    if layout.waits.index(wait) > 1:
        raise _undrawable_edge(edge)


def _route_to_first_lane(layout: Layout, edge: Edge) -> Iterator[str]:
    if edge.end != layout.lanes[0][0]:
        raise _undrawable_edge(edge)
    x, bottom = layout.bottom_of(edge.start)
    yield line([(x, bottom), (x, layout.corner(edge.end)[1])], "way")
    yield text((x + 8, bottom + 22), _edge_label(layout, edge), "note", "start")


def _route_along_lane(layout: Layout, edge: Edge) -> Iterator[str]:
    ahead = layout.columns_ahead(edge)
    if layout.leads_to_next_lane(edge):
        yield from _route_to_next_lane(layout, edge)
    elif ahead == 1:
        (x, y), (end, _) = layout.right_of(edge.start), layout.left_of(edge.end)
        y -= LANE_OFFSET if layout.has_edge(edge.end, edge.start) else 0
        yield line([(x, y), (end, y)], "way")
        yield text(((x + end) // 2, y - 8), _edge_label(layout, edge), "note")
    elif ahead == -1:
        (x, y), (end, _) = layout.left_of(edge.start), layout.right_of(edge.end)
        yield line([(x, y + LANE_OFFSET), (end, y + LANE_OFFSET)], "way")
        yield text(((x + end) // 2, y + LANE_OFFSET + 16), _edge_label(layout, edge), "note")
    else:
        raise _undrawable_edge(edge)


def _route_to_next_lane(layout: Layout, edge: Edge) -> Iterator[str]:
    """Below the lane to the left; what starts further right joins the line that is there."""
    x, bottom = layout.bottom_of(edge.start)
    gap = layout.gap_of(edge.start)
    others = layout.bundled_edges(edge)
    earlier = others[: others.index(edge)]
    if earlier:
        joint, _ = layout.bottom_of(earlier[-1].start)
        yield line([(x, bottom), (x, gap), (joint, gap)], "way", tip=False)
    elif edge.end == layout.finish.name:
        end, top = layout.top_of(edge.end)
        yield line([(x, bottom), (x, gap), (end, gap), (end, top)], "way")
    else:
        end, y = layout.left_of(edge.end)
        yield line([(x, bottom), (x, gap), (NEXT_LANE_X, gap), (NEXT_LANE_X, y), (end, y)], "way")
    yield text((x - 8, gap - 5), _edge_label(layout, edge), "note", "end")


def _route_to_rollback(layout: Layout, edge: Edge) -> Iterator[str]:
    """Above the lane to the right and down; each line ends where it joins the next one."""
    (x, top), bus = layout.top_of(edge.start), layout.bus_of(edge.start)
    others = layout.bundled_edges(edge)
    joined = next(iter(others[others.index(edge) + 1 :]), None)
    lane = layout.lane_of(edge.start)
    if joined and layout.lane_of(joined.start) == lane:
        end, _ = layout.top_of(joined.start)
        yield line([(x, top), (x, bus), (end, bus)], "out", tip=False)
        return
    yield line(
        [(x, top), (x, bus), *_points_to_rollback(layout, bus, joined)], "out", tip=not joined
    )
    words = (_edge_label(layout, w) for w in others if w.start in layout.lanes[lane])
    yield text((RIGHT - 8, bus - 5), ", ".join(dict.fromkeys(words)), "note", "end")


def _route_from_start_to_rollback(layout: Layout, edge: Edge) -> Iterator[str]:
    x, y = layout.right_of(edge.start)
    y -= 14
    joined = next(iter(layout.bundled_edges(edge)[1:]), None)
    yield line([(x, y), *_points_to_rollback(layout, y, joined)], "out", tip=not joined)
    yield text((x + 8, y - 6), _edge_label(layout, edge), "note", "start")


def _points_to_rollback(layout: Layout, y: int, joined: Edge | None) -> list[Point]:
    if joined:
        return [(ROLLBACK_X, y), (ROLLBACK_X, layout.bus_of(joined.start))]
    _, into = layout.left_of(layout.finish.name)
    return [(ROLLBACK_X, y), (ROLLBACK_X, into), (RIGHT, into)]


def _route_from_start_to_end(layout: Layout, edge: Edge) -> Iterator[str]:
    x, _ = layout.right_of(edge.start)
    (end, y), _ = layout.chips[edge.end]
    yield line([(x, y + CHIP // 2), (end, y + CHIP // 2)], "out")
    yield text((x + 8, y + CHIP // 2 - 6), _edge_label(layout, edge), "note", "start")


def _route_to_finish(layout: Layout, edge: Edge) -> Iterator[str]:
    if layout.leads_to_next_lane(edge):
        yield from _route_to_next_lane(layout, edge)
        return
    if edge.start not in (*layout.waits, layout.start.name, layout.lanes[0][0]):
        raise _undrawable_edge(edge)
    (x, y), (end, into) = layout.left_of(edge.start), layout.left_of(edge.end)
    others = sorted(layout.bundled_edges(edge), key=lambda other: layout.leaves_at(other.start))
    start = [(x, y)]
    if layout.leaves_at(edge.start) != y:
        x, y = layout.top_of(edge.start)[0], layout.leaves_at(edge.start)
        start = [layout.top_of(edge.start), (x, y)]
    if edge == others[-1]:
        points = [(FINISH_X, y), (FINISH_X, into), (end, into)]
    else:
        joint = layout.leaves_at(others[others.index(edge) + 1].start)
        points = [(FINISH_X, y), (FINISH_X, joint)]
    yield line([*start, *points], "out", tip=edge == others[-1])
    yield text((FINISH_X + 4, y - 6), _edge_label(layout, edge), "note", "start")


def _route_from_rollback_to_finish(layout: Layout, edge: Edge) -> Iterator[str]:
    end, y = layout.right_of(edge.end)
    yield line([(FRAME_LEFT, y), (end, y)], "way")


def _route_from_finish_to_end(layout: Layout, edge: Edge) -> Iterator[str]:
    middle, bottom = layout.bottom_of(edge.start)
    if edge.end in layout.successes:
        (end, top), _ = layout.chips[edge.end]
        look, words, x, y = "way", _edge_label(layout, edge), middle, top + CHIP // 2
    elif edge.end == layout.first_failure:
        (end, top), _ = layout.failures
        look, words, x, y = "out", "by its error's name", middle - 2 * LANE_OFFSET, top + 26
    else:
        return
    yield line([(x, bottom), (x, y), (end, y)], look)
    yield text((x + 8, y - 6), words, "note", "start")


def _edge_label(layout: Layout, edge: Edge) -> str:
    about = layout.about[edge.start]
    return ", ".join(LABELS.get((about, word), word.replace("_", " ")) for word in edge.labels)


def _undrawable_edge(edge: Edge) -> UndrawableError:
    return UndrawableError(f"no rule to draw {edge.start} → {edge.end}")


ROUTES: Final[dict[tuple[Role, Role], Callable[[Layout, Edge], Iterator[str]]]] = {
    (Role.START, Role.WAIT): _route_to_wait,
    (Role.WAIT, Role.START): _route_back_from_wait,
    (Role.WAIT, Role.FINISH): _route_to_finish,
    (Role.START, Role.COLOR): _route_to_first_lane,
    (Role.START, Role.ROLLBACK): _route_from_start_to_rollback,
    (Role.START, Role.FINISH): _route_to_finish,
    (Role.START, Role.END): _route_from_start_to_end,
    (Role.COLOR, Role.COLOR): _route_along_lane,
    (Role.COLOR, Role.ROLLBACK): _route_to_rollback,
    (Role.COLOR, Role.FINISH): _route_to_finish,
    (Role.ROLLBACK, Role.FINISH): _route_from_rollback_to_finish,
    (Role.FINISH, Role.END): _route_from_finish_to_end,
}
