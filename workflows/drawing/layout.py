"""The positions of all shapes of the picture, in pixels from its upper left corner.

What is waited for before the start, then the start; a lane per color, its steps from left to
right; below them finish and roll back; then the ends. Tested in `test_picture.py`.
"""

from enum import Enum
from typing import Final

from workflows.drawing.graph import OTHERWISE, Edge, Graph
from workflows.drawing.svg import Point

BOX: Final = (174, 54)
FIRST_COLUMN: Final = 92
COLUMN_PITCH: Final = 248  # from one box of a lane to the next
MARGIN: Final = 12  # from a box to the edge of its lane or frame
TOP_ROUTE_Y: Final = 24  # above the waits runs the edge out of the one that is not above the start
WAITS_TOP: Final = 44
START_TOP: Final = 166
FIRST_LANE: Final = 268
LANE_HEIGHT: Final = 102
LANE_PITCH: Final = 140  # from one lane to the next
LANE_LEFT: Final = 74
RIGHT: Final = FIRST_COLUMN + 3 * COLUMN_PITCH + BOX[0] + MARGIN  # edge of the lanes and frames
EXIT_OFFSET: Final = 20  # below a lane's upper edge runs the edge out to the rollback
NEXT_LANE_OFFSET: Final = 16  # below a lane's lower edge runs the edge on
NEXT_LANE_X: Final = 56  # where the process goes from lane to lane
ROLLBACK_X: Final = RIGHT + 24  # where the edges run that lead to the rollback
FINISH_X: Final = 24  # where the edges run that skip everything
WIDTH: Final = ROLLBACK_X + 24
FRAME_LEFT: Final = FIRST_COLUMN + COLUMN_PITCH - MARGIN
CHIP: Final = 28
CHIP_GAP: Final = 8
CHIPS_LEFT: Final = FRAME_LEFT + MARGIN
START_END_LEFT: Final = CHIPS_LEFT + 40  # of the end that has its words on the edge there


class Role(Enum):
    """What a state is in the picture."""

    START = "start"
    WAIT = "wait"
    COLOR = "color"
    ROLLBACK = "rollback"
    FINISH = "finish"
    END = "end"


class Layout:
    """Where the shown states of a rollout stand."""

    def __init__(self, graph: Graph) -> None:
        nodes = graph.nodes
        self.start = nodes[0]
        self.rollback = next(node for node in nodes if node.kind == "Parallel")
        self.colors = tuple(dict.fromkeys(node.color for node in nodes if node.color))
        self.lanes = [[n.name for n in nodes if n.color == color] for color in self.colors]
        plain = [n for n in nodes if n.kind == "Task" and not n.color and n is not self.start]
        back = {edge.start for edge in graph.edges if edge.end == self.start.name}
        self.waits = [node.name for node in plain if node.name in back]
        (self.finish,) = [node for node in plain if node.name not in back]
        self.successes = [node.name for node in nodes if node.kind == "Succeed"]
        early = {edge.end for edge in graph.edges if edge.start == self.start.name}
        self._early_ends = [n.name for n in nodes if n.kind == "Fail" and n.name in early]
        late = [n.name for n in nodes if n.kind == "Fail" and n.name not in early]
        self.first_failure = late[0]
        self.chips = self._chips(late)
        self.about = {node.name: node.about for node in nodes}
        self._edges = graph.edges

    def role(self, name: str) -> Role:
        if name in (self.start.name, self.rollback.name, self.finish.name):
            return {
                self.start.name: Role.START,
                self.rollback.name: Role.ROLLBACK,
                self.finish.name: Role.FINISH,
            }[name]
        if name in self.waits:
            return Role.WAIT
        return Role.END if name in self.chips else Role.COLOR

    def lane_of(self, name: str) -> int:
        return next(lane for lane, names in enumerate(self.lanes) if name in names)

    def columns_ahead(self, edge: Edge) -> int | None:
        """How many boxes further in the same lane an edge leads; nothing if to another lane."""
        lane = self.lanes[self.lane_of(edge.start)]
        return lane.index(edge.end) - lane.index(edge.start) if edge.end in lane else None

    def leads_to_next_lane(self, edge: Edge) -> bool:
        """Whether an edge leads on from its lane: to the next lane, or from the last to finish."""
        if self.role(edge.start) is not Role.COLOR:
            return False
        following = self.lanes[self.lane_of(edge.start) + 1 :]
        if following:
            return edge.end == following[0][0]
        return edge.end == self.finish.name and edge.labels != (OTHERWISE,)

    def has_edge(self, start: str, end: str) -> bool:
        return any((edge.start, edge.end) == (start, end) for edge in self._edges)

    def bundled_edges(self, edge: Edge) -> list[Edge]:
        """The edges whose lines are drawn into one, in the order of the process."""
        on = self.leads_to_next_lane(edge)
        edges = [w for w in self._edges if w.end == edge.end and self.leads_to_next_lane(w) == on]
        return [w for w in edges if self.role(w.start) in {Role.START, Role.WAIT, Role.COLOR}]

    @property
    def height(self) -> int:
        (_, y), (_, height) = self.failures
        return y + height + 18

    @property
    def rollback_frame(self) -> tuple[Point, Point]:
        """Corner and size of the frame around the rollback."""
        top = self._finish_top - 42
        return (FRAME_LEFT, top), (RIGHT - FRAME_LEFT, 42 + BOX[1] + MARGIN)

    @property
    def failures(self) -> tuple[Point, Point]:
        """Corner and size of the frame around the failures."""
        top = self._ends_top + CHIP + 16
        bottom = max(y for (_, y), _ in self.chips.values()) + CHIP + MARGIN
        return (FRAME_LEFT, top), (RIGHT - FRAME_LEFT, bottom - top)

    def lane_top(self, lane: int) -> int:
        return FIRST_LANE + lane * LANE_PITCH

    def lane_bottom(self, lane: int) -> int:
        return self.lane_top(lane) + LANE_HEIGHT

    def bus_of(self, name: str) -> int:
        """Height at which the edges out of a step's lane run."""
        return self.lane_top(self.lane_of(name)) + EXIT_OFFSET

    def gap_of(self, name: str) -> int:
        """Height at which the edges on from a step's lane run."""
        return self.lane_bottom(self.lane_of(name)) + NEXT_LANE_OFFSET

    def corner(self, name: str) -> Point:
        """Upper left corner of a step's box."""
        if name == self.start.name:
            return FIRST_COLUMN, START_TOP
        if name in self.waits:
            return FIRST_COLUMN + self.waits.index(name) * COLUMN_PITCH, WAITS_TOP
        if name == self.finish.name:
            return FIRST_COLUMN, self._finish_top
        for column, branch in enumerate(self.rollback.branches, start=1):
            if name == branch.name:
                return FIRST_COLUMN + column * COLUMN_PITCH, self._finish_top
        lane = self.lane_of(name)
        top = self.lane_bottom(lane) - BOX[1] - 10
        return FIRST_COLUMN + self.lanes[lane].index(name) * COLUMN_PITCH, top

    def top_of(self, name: str) -> Point:
        x, y = self.corner(name)
        return x + BOX[0] // 2, y

    def bottom_of(self, name: str) -> Point:
        x, y = self.corner(name)
        return x + BOX[0] // 2, y + BOX[1]

    def left_of(self, name: str) -> Point:
        x, y = self.corner(name)
        return x, y + BOX[1] // 2

    def right_of(self, name: str) -> Point:
        x, y = self.corner(name)
        return x + BOX[0], y + BOX[1] // 2

    def is_above_the_start(self, name: str) -> bool:
        """Whether a wait stands straight above the start, and not beside that."""
        return name == self.waits[0]

    def leaves_at(self, name: str) -> int:
        """Height at which the edge runs to the left that skips everything."""
        is_beside = name in self.waits and not self.is_above_the_start(name)
        return TOP_ROUTE_Y if is_beside else self.left_of(name)[1]

    @property
    def _finish_top(self) -> int:
        return self.lane_bottom(len(self.lanes) - 1) + 80

    @property
    def _ends_top(self) -> int:
        return self._finish_top + BOX[1] + MARGIN + 20

    def _chips(self, late: list[str]) -> dict[str, tuple[Point, int]]:
        """Name of an end → its corner and width; failures in rows, as many as fit."""
        early = {
            name: ((START_END_LEFT, START_TOP + 26), _width(name)) for name in self._early_ends
        }
        well = {name: ((CHIPS_LEFT, self._ends_top), _width(name)) for name in self.successes}
        badly: dict[str, tuple[Point, int]] = {}
        x, y = CHIPS_LEFT, self._ends_top + CHIP + 16 + MARGIN
        for name in late:
            if x + _width(name) > RIGHT - MARGIN:
                x, y = CHIPS_LEFT, y + CHIP + CHIP_GAP
            badly[name] = ((x, y), _width(name))
            x += _width(name) + CHIP_GAP
        return early | well | badly


def _width(name: str) -> int:
    return 7 * len(name) + 26
