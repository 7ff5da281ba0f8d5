"""The round seal of a unit 公章, drawn as SVG: a ring, a star, the name along the ring, maybe a line below the star.

It is the picture of a seal, not a signature; what makes a document trustworthy is its tag and its digest.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

RED = "#d7000f"
RING = 1.2
GAP = 1.1
STAR = 0.165
STAR_INNER = 0.381966
MAX_ARC = 300.0
TALL = 1.12


@dataclass(frozen=True)
class _Ring:
    """Where the glyphs of the name stand: size and breadth of a glyph, radius of their middle, first angle and step."""

    size: float
    breadth: float
    radius: float
    start: float
    step: float


def seal_svg(name: str, *, sub: str = "", diameter_mm: float = 42.0, families: Iterable[str] = ()) -> str:
    """A seal with `name` along the ring and `sub` (such as 行政审批专用章) below the star; any length fits.

    Every glyph is placed and turned on its own, since few renderers know text on a path. Equal input, equal output.
    """
    letters = [sign for sign in name.strip() if not sign.isspace()]
    parts = [_ring(diameter_mm), _star(diameter_mm), *_name(letters, diameter_mm), _sub_line(sub.strip(), diameter_mm)]
    font = quoteattr(", ".join(families) or "serif")
    size = f"{diameter_mm:g}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}mm" height="{size}mm" viewBox="0 0 {size} {size}">'
    return f'{head}<g fill="{RED}" font-family={font} font-weight="700" text-anchor="middle">{"".join(parts)}</g></svg>'


def _ring(diameter: float) -> str:
    middle, radius = _n(diameter / 2), _n(diameter / 2 - RING / 2)
    return f'<circle cx="{middle}" cy="{middle}" r="{radius}" fill="none" stroke="{RED}" stroke-width="{RING}"/>'


def _star(diameter: float) -> str:
    points = []
    for corner in range(10):
        reach = diameter * STAR * (STAR_INNER if corner % 2 else 1)
        x, y = _polar(diameter, reach, -90 + 36 * corner)
        points.append(f"{_n(x)},{_n(y)}")
    return f'<polygon points="{" ".join(points)}"/>'


def _layout(count: int, diameter: float) -> _Ring:
    size = diameter * (0.145 if count <= 12 else 0.13 if count <= 20 else 0.115)
    radius = diameter / 2 - RING - GAP - size * TALL / 2
    wanted = math.degrees(size * 1.32 / radius)
    step = min(wanted, MAX_ARC / max(count - 1, 1)) if count > 1 else 0.0
    room = math.radians(step) * (radius - size * TALL / 4) * 0.94 if step else size
    return _Ring(size, min(0.86, room / size), radius, -90 - step * (count - 1) / 2, step)


def _name(letters: list[str], diameter: float) -> list[str]:
    ring = _layout(len(letters), diameter)
    return [_glyph(sign, ring, diameter, ring.start + ring.step * place) for place, sign in enumerate(letters)]


def _glyph(sign: str, ring: _Ring, diameter: float, angle: float) -> str:
    x, y = _polar(diameter, ring.radius, angle)
    turn = f"translate({_n(x)} {_n(y)}) rotate({_n(angle + 90)}) scale({_n(ring.breadth)} {TALL})"
    return f'<text transform="{turn}" y="{_n(ring.size * 0.36)}" font-size="{_n(ring.size)}">{escape(sign)}</text>'


def _sub_line(text: str, diameter: float) -> str:
    if not text:
        return ""
    room = diameter * 0.62
    size = min(diameter * 0.105, room / len(text) * 1.12)
    breadth = min(1.0, room / (size * len(text)))
    at = f"translate({_n(diameter / 2)} {_n(diameter * 0.785)}) scale({_n(breadth)} 1)"
    return f'<text transform="{at}" font-size="{_n(size)}">{escape(text)}</text>'


def _polar(diameter: float, reach: float, degrees: float) -> tuple[float, float]:
    angle = math.radians(degrees)
    return diameter / 2 + reach * math.cos(angle), diameter / 2 + reach * math.sin(angle)


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
