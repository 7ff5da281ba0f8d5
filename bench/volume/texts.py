"""Chinese texts as bureaus write them: places, species and clauses of law from `definitions/`, put together by dice."""

import csv
import math
import random
import re
from functools import cached_property
from pathlib import Path

SHORTEST, LONGEST = 50, 2_000
COMMON, SHARE = "国土空间", 0.4
CLAUSE = re.compile(r"[\u4e00-\u9fff（）《》]{6,}(?:[，、；][\u4e00-\u9fff（）《》]{4,})*")
LABEL = re.compile(r'^\s+"?\d+"?:\s*([\u4e00-\u9fff]{2,8})\s*$', re.MULTILINE)
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
GIVEN = "伟芳娜敏静秀丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉萍红春梅建国志文海波鹏飞宇晨欣怡浩然永福水生木根"
VILLAGE = (
    "黄",
    "泥",
    "石",
    "塘",
    "坳",
    "岭",
    "源",
    "溪",
    "坪",
    "坑",
    "桐",
    "竹",
    "松",
    "樟",
    "枫",
    "罗",
    "龙",
    "凤",
    "新",
    "上",
    "下",
    "大",
    "小",
    "东",
    "西",
    "南",
    "北",
)
ENDS = ("村", "坳", "坑", "岭", "湾", "坪", "塘", "排", "背", "脚")


class Texts:
    """A seeded writer of documents."""

    def __init__(self, definitions: Path, dice: random.Random) -> None:
        self.definitions, self.dice = definitions, dice

    @cached_property
    def clauses(self) -> list[str]:
        """Clauses of law, questions and reasons of the shipped definitions."""
        found = {clause for path in sorted(self.definitions.rglob("*.yaml")) for clause in CLAUSE.findall(_read(path))}
        return sorted(clause for clause in found if COMMON not in clause)

    @cached_property
    def species(self) -> list[str]:
        """Tree species and other codes of forestry."""
        return sorted({label for path in self.definitions.rglob("*.yaml") for label in LABEL.findall(_read(path))})

    @cached_property
    def places(self) -> dict[str, list[str]]:
        """Names of townships by code of their county, under the county's own name."""
        found: dict[str, list[str]] = {}
        for row in csv.DictReader(_read(self.definitions / "codes" / "divisions" / "36.csv").splitlines()):
            found.setdefault(row["code"][:6], []).append(row["name"])
        return found

    def title(self, county: str) -> str:
        """A title with a place of the county."""
        place, species = self.dice.choice(self.places[county]), self.dice.choice(self.species)
        return f"{place}{self.village()}{species}{self.dice.choice(('皆伐', '择伐', '抚育采伐', '更新采伐', '移植'))}"

    def text(self, county: str) -> str:
        """A text of 50 to 2,000 characters, short ones as frequent as long ones by the logarithm."""
        length = int(math.exp(self.dice.uniform(math.log(SHORTEST), math.log(LONGEST))))
        parts, size = [f"涉及{COMMON}规划。"] if self.dice.random() < SHARE else [], 0
        while size < length:
            parts.append(self.sentence(county))
            size += len(parts[-1])
        return "".join(parts)[:length]

    def sentence(self, county: str) -> str:
        """One sentence: what the law says, where the trees stand, or who said what."""
        draw = self.dice.random()
        if draw < 0.4:
            return f"{self.dice.choice(self.clauses)}。"
        return f"{self.stand(county)}。" if draw < 0.75 else f"{self.person()}{self.dice.choice(self.clauses)}。"

    def stand(self, county: str) -> str:
        """Where trees stand; one in five times in another county."""
        dice = self.dice
        where = county if dice.random() < 0.8 else dice.choice(list(self.places))
        number = f"{dice.randrange(1, 80)}林班{dice.randrange(1, 300)}小班"
        volume = f"面积{dice.randrange(1, 900) / 10}公顷，蓄积{dice.randrange(5, 3000)}立方米"
        return f"{dice.choice(self.places[where])}{self.village()}{number}，{dice.choice(self.species)}，{volume}"

    def village(self) -> str:
        """A name of a village."""
        return "".join(self.dice.sample(VILLAGE, 2)) + self.dice.choice(ENDS)

    def person(self) -> str:
        """A name of two or three characters."""
        given = "".join(self.dice.choice(GIVEN) for _ in range(self.dice.choice((1, 2, 2))))
        return f"{self.dice.choice(SURNAMES)}{given}{self.dice.choice(('说明，', '申请，', '核查意见：', '反映，'))}"


def _read(path: Path) -> str:
    return path.read_text("utf-8")
