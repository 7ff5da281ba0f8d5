"""Photographs and scanned papers for the demonstration, drawn here: nobody's woods, nobody's documents."""

import io
from functools import cache

from PIL import Image, ImageDraw

SIZE = (960, 720)


@cache
def woods(number: int) -> bytes:
    """A drawn picture of a slope with trees, as JPEG; the same number gives the same bytes."""
    image = Image.new("RGB", SIZE, (196 - number * 7 % 40, 214, 226))
    draw = ImageDraw.Draw(image)
    ridge = 300 + number * 37 % 120
    draw.polygon([(0, ridge + 60), (480, ridge - 80), (960, ridge + 20), (960, 720), (0, 720)], fill=(58, 92, 62))
    for tree in range(60):
        x = (tree * 173 + number * 61) % SIZE[0]
        foot = ridge + 40 + (tree * 97 + number * 29) % (SIZE[1] - ridge - 60)
        height = 40 + (foot - ridge) // 4
        shade = 60 + tree * 13 % 60
        draw.rectangle([x - 2, foot - height // 3, x + 2, foot], fill=(84, 66, 48))
        draw.polygon(
            [(x, foot - height), (x - height // 4, foot - height // 4), (x + height // 4, foot - height // 4)],
            fill=(30, shade + 30, 50),
        )
    return _jpeg(image)


@cache
def paper(number: int) -> bytes:
    """A drawn sheet of paper with lines and a blue stamp, as JPEG."""
    image = Image.new("RGB", (720, 960), (250, 249, 244))
    draw = ImageDraw.Draw(image)
    draw.rectangle([180, 70, 540, 96], fill=(60, 60, 66))
    for line in range(16):
        draw.rectangle(
            [80, 160 + line * 42, 640 - (line * 53 + number * 17) % 180, 168 + line * 42], fill=(140, 140, 146)
        )
    draw.ellipse([430, 760, 590, 920], outline=(70, 90, 170), width=6)
    return _jpeg(image)


def _jpeg(image: Image.Image) -> bytes:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=72)
    return target.getvalue()
