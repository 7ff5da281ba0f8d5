"""Boxes and arrows of a flow chart as plain numbers; pure, the template only writes them down."""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT = 58
PAD = 2
ARROW = 4
APART = 14


@dataclass(frozen=True)
class Box:
    """A step at a rank (how far from the start) and a lane (0 is the main way); `look` is step, side or last."""

    id: str
    title: str
    remark: str
    rank: int
    lane: int
    look: str


@dataclass(frozen=True)
class Link:
    """An arrow; `is_back` leads to an earlier step."""

    source: Box
    target: Box
    is_back: bool


@dataclass(frozen=True)
class Placed:
    """A box with its corner, size and the places of its two lines of text."""

    box: Box
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Horizontal middle, for the text."""
        return self.x + self.width // 2

    @property
    def title_y(self) -> int:
        """Base line of the title."""
        return self.y + self.height // 2 + (-4 if self.box.remark else 5)

    @property
    def remark_y(self) -> int:
        """Base line of the remark."""
        return self.y + self.height // 2 + 17


@dataclass(frozen=True)
class Drawing:
    """A finished drawing."""

    width: int
    height: int
    boxes: tuple[Placed, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Sizes of a drawing; `tall` lets ranks run down and lanes to the right."""

    tall: bool
    width: int
    gap_rank: int
    gap_lane: int

    def place(self, box: Box) -> Placed:
        """Where a box stands."""
        along, across = self._step(box.rank, box.lane)
        x, y = (across, along) if self.tall else (along, across)
        return Placed(box, x, y, self.width, HEIGHT)

    def _step(self, rank: int, lane: int) -> tuple[int, int]:
        size_along, size_across = (HEIGHT, self.width) if self.tall else (self.width, HEIGHT)
        return PAD + rank * (size_along + self.gap_rank), PAD + lane * (size_across + self.gap_lane)


def draw(boxes: Sequence[Box], links: Sequence[Link], *, tall: bool = False) -> Drawing:
    """A drawing of the flow, lying or standing."""
    grid = Grid(True, 108, 30, 14) if tall else Grid(False, 92, 26, 26)
    placed = {box.id: grid.place(box) for box in boxes}
    paths = tuple(_path(placed[link.source.id], placed[link.target.id], link, grid) for link in links)
    width = max(one.x + one.width for one in placed.values()) + PAD
    height = max(one.y + one.height for one in placed.values()) + PAD
    return Drawing(width, height, tuple(placed.values()), paths)


def _path(source: Placed, target: Placed, link: Link, grid: Grid) -> str:
    if link.source.rank == link.target.rank or link.is_back:
        return _beside(source, target, link, grid)
    if grid.tall:
        return _standing(source, target, grid)
    return _lying(source, target, grid)


def _lying(source: Placed, target: Placed, grid: Grid) -> str:
    start_y, end_y = source.y + HEIGHT // 2, target.y + HEIGHT // 2
    begin, end = source.x + source.width, target.x - ARROW
    if start_y == end_y:
        return f"M{begin} {start_y}H{end}"
    bend = begin + grid.gap_rank // 2 if end_y > start_y else target.x - grid.gap_rank // 2
    return f"M{begin} {start_y}H{bend}V{end_y}H{end}"


def _standing(source: Placed, target: Placed, grid: Grid) -> str:
    start_x, end_x = source.middle, target.middle
    begin, end = source.y + HEIGHT, target.y - ARROW
    if start_x == end_x:
        return f"M{start_x} {begin}V{end}"
    bend = begin + grid.gap_rank // 2 if end_x > start_x else target.y - grid.gap_rank // 2
    return f"M{start_x} {begin}V{bend}H{end_x}V{end}"


def _beside(source: Placed, target: Placed, link: Link, grid: Grid) -> str:
    """Between neighbours of the same rank: there and back as two lines side by side."""
    shift = APART if link.is_back else -APART
    if grid.tall:
        y = source.y + HEIGHT // 2 + shift
        if target.x > source.x:
            return f"M{source.x + source.width} {y}H{target.x - ARROW}"
        return f"M{source.x} {y}H{target.x + target.width + ARROW}"
    x = source.middle + shift
    if target.y > source.y:
        return f"M{x} {source.y + HEIGHT}V{target.y - ARROW}"
    return f"M{x} {source.y}V{target.y + HEIGHT + ARROW}"
