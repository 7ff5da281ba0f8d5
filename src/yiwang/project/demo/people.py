"""Invented villagers and firms with well-formed numbers that belong to nobody: the serial part is 000 or 999."""

from dataclasses import dataclass

from yiwang.kernel.base.identifiers import ID_CHECKS, ID_WEIGHTS

SURNAMES = "赖钟谢廖曾叶袁胡邓吴彭蓝朱沈范余童巫"
GIVEN = ("水生", "满香", "春华", "志远", "金凤", "根发", "秋菊", "石泉", "月娥", "福林", "三妹", "建平", "桂花", "火生")


@dataclass(frozen=True)
class Villager:
    """A citizen of the demonstration."""

    name: str
    identity: str
    phone: str


def villager(number: int) -> Villager:
    """The villager of a number; always the same one."""
    surname = SURNAMES[number % len(SURNAMES)]
    given = GIVEN[(number * 5 + number // len(SURNAMES)) % len(GIVEN)]
    return Villager(surname + given, id_card(number), f"1300000{number:04d}")


def id_card(number: int) -> str:
    """A citizen number with a right check digit and a serial that is not given out."""
    year, month, day = 1950 + number % 45, number % 12 + 1, number % 28 + 1
    body = f"360725{year:04d}{month:02d}{day:02d}{'000' if number % 2 else '999'}"
    total = sum(int(digit) * weight for digit, weight in zip(body, ID_WEIGHTS, strict=True))
    return body + ID_CHECKS[total % 11]
