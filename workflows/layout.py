"""Where everything stands in the picture, in pixels from its upper left corner."""

from enum import Enum
from typing import Final

from workflows.folding import Folded
from workflows.svg import Point

WIDTH: Final = 1006
BOX: Final = (174, 54)
FIRST_COLUMN: Final = 92
COLUMN: Final = 244  # from one box of a lane to the next
TOP: Final = 26
FIRST_LANE: Final = 136
LANE_HEIGHT: Final = 102
LANE: Final = 140  # from one lane to the next
LANE_LEFT: Final = 74
LANE_RIGHT: Final = 766
BUS: Final = 16  # below a lane's upper edge runs the way out to the rollback
BACK_LEFT: Final = 800
BACK_WIDTH: Final = 190
WAY_ON: Final = 56  # where the process goes from lane to lane
WAY_TO_FINISH: Final = 24  # where the ways run that skip everything
CHIP: Final = 28
CHIP_GAP: Final = 8
FAILURES_LEFT: Final = 336
ENDS_LEFT: Final = 398  # of the ends that have words on their way


class Role(Enum):
    """What a state is in the picture."""

    START = "start"
    COLOR = "color"
    BACK = "back"
    FINISH = "finish"
    END = "end"


class Layout:
    """Where the shown states of a rollout stand."""

    def __init__(self, folded: Folded) -> None:
        nodes = folded.nodes
        self.start = nodes[0]
        self.back = next(node for node in nodes if node.kind == "Parallel")
        self.colors = tuple(dict.fromkeys(node.color for node in nodes if node.color))
        self.lanes = [[n.name for n in nodes if n.color == color] for color in self.colors]
        plain = [n for n in nodes if n.kind == "Task" and not n.color and n is not self.start]
        (self.finish,) = plain
        self.successes = [node.name for node in nodes if node.kind == "Succeed"]
        early = {way.end for way in folded.ways if way.start == self.start.name}
        self._early_ends = [n.name for n in nodes if n.kind == "Fail" and n.name in early]
        late = [n.name for n in nodes if n.kind == "Fail" and n.name not in early]
        self.first_failure = late[0]
        self.chips = self._chips(late)

    @property
    def back_top(self) -> int:
        return FIRST_LANE - 34

    @property
    def back_bottom(self) -> int:
        return self.lane_bottom(len(self.lanes) - 1)

    @property
    def height(self) -> int:
        (_, y), (_, height) = self.failures
        return y + height + 18

    @property
    def failures(self) -> tuple[Point, Point]:
        """Corner and size of the frame around the failures."""
        top = self._finish_top + CHIP + 22
        bottom = max(y for (_, y), _ in self.chips.values()) + CHIP + 12
        return (FAILURES_LEFT, top), (BACK_LEFT + BACK_WIDTH - FAILURES_LEFT, bottom - top)

    def role(self, name: str) -> Role:
        if name in (self.start.name, self.back.name, self.finish.name):
            return {
                self.start.name: Role.START,
                self.back.name: Role.BACK,
                self.finish.name: Role.FINISH,
            }[name]
        return Role.END if name in self.chips else Role.COLOR

    def lane_top(self, lane: int) -> int:
        return FIRST_LANE + lane * LANE

    def lane_bottom(self, lane: int) -> int:
        return self.lane_top(lane) + LANE_HEIGHT

    def lane_of(self, name: str) -> int:
        return next(lane for lane, names in enumerate(self.lanes) if name in names)

    def after(self, name: str) -> str:
        """The next step of the same lane, or nothing."""
        lane = self.lanes[self.lane_of(name)]
        return next(iter(lane[lane.index(name) + 1 :]), "")

    def is_last(self, name: str) -> bool:
        return name == self.lanes[-1][-1]

    def corner(self, name: str) -> Point:
        """Upper left corner of a step's box."""
        if name == self.start.name:
            return FIRST_COLUMN, TOP
        if name == self.finish.name:
            return FIRST_COLUMN, self._finish_top
        for branch in self.back.branches:
            if name == branch.name:
                return BACK_LEFT + (BACK_WIDTH - BOX[0]) // 2, self._boxes_top(
                    self.colors.index(branch.color)
                )
        lane = self.lane_of(name)
        return FIRST_COLUMN + self.lanes[lane].index(name) * COLUMN, self._boxes_top(lane)

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

    @property
    def _finish_top(self) -> int:
        return self.back_bottom + 54

    def _boxes_top(self, lane: int) -> int:
        return self.lane_top(lane) + LANE_HEIGHT - BOX[1] - 10

    def _chips(self, late: list[str]) -> dict[str, tuple[Point, int]]:
        """Name of an end → its corner and width; failures in rows, as many as fit."""
        early = {name: ((ENDS_LEFT, TOP + 26), _width(name)) for name in self._early_ends}
        well = {name: ((ENDS_LEFT, self._finish_top + 6), _width(name)) for name in self.successes}
        badly: dict[str, tuple[Point, int]] = {}
        x, y = FAILURES_LEFT + 12, self._finish_top + CHIP + 34
        for name in late:
            if x + _width(name) > BACK_LEFT + BACK_WIDTH - 12:
                x, y = FAILURES_LEFT + 12, y + CHIP + CHIP_GAP
            badly[name] = ((x, y), _width(name))
            x += _width(name) + CHIP_GAP
        return early | well | badly


def _width(name: str) -> int:
    return 8 * len(name) + 22
