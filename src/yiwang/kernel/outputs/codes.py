"""QR codes 二维码 as pictures; what stands in them is the caller's business (registers make the tag)."""

import re

import segno

QUIET = 4
_DARK = re.compile(rb"\x01+")
MASK = 3  # any mask is valid; trying all eight costs 7 ms of the 20 that a certificate may take


def qr_svg(text: str) -> str:
    """A QR code (error level M) as SVG."""
    rows = [bytes(row) for row in segno.make(text, error="m", mask=MASK, micro=False).matrix]
    dark = "".join(_runs(row, y) for y, row in enumerate(rows))
    side = len(rows) + 2 * QUIET
    box = f"{-QUIET} {-QUIET} {side} {side}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" shape-rendering="crispEdges"><path d="{dark}"/></svg>'
    )


def _runs(row: bytes, y: int) -> str:
    spans = (found.span() for found in _DARK.finditer(row))
    return "".join(f"M{start} {y}h{stop - start}v1h{start - stop}z" for start, stop in spans)
