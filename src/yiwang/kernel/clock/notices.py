"""Reading the yearly arrangement of holidays 年度放假安排 from a CSV file: `日期,安排,名称`."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO

from django.utils.translation import gettext as _

from yiwang.kernel.clock.law import HolidayLaw
from yiwang.kernel.clock.refusals import CalendarRefused

MAX_SIZE = 100_000
MAX_NAME = 40
REST = frozenset({"休", "放假", "休息", "rest", "off"})
WORK = frozenset({"班", "上班", "调休上班", "work"})
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One line of an arrangement."""

    day: date
    is_work: bool
    name: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line; line 0 is the file as a whole."""

    line: int
    text: str

    def __str__(self) -> str:
        return _("第 %(line)d 行：%(text)s") % {"line": self.line, "text": self.text} if self.line else self.text


def decoded(content: bytes) -> str:
    """Text of an uploaded file, as spreadsheets in China save it: UTF-8 with or without mark, else GB 18030.

    Raises CalendarRefused.
    """
    if len(content) > MAX_SIZE:
        raise refusal([Problem(0, _("文件超过 %(size)d KB") % {"size": MAX_SIZE // 1000})])
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refusal([Problem(0, _("文件不是文字表格（CSV），请另存为 CSV UTF-8 后再上传"))])


def parse_notice(text: str, year: int, law: HolidayLaw | None) -> list[NoticeDay]:
    """The days of a year's arrangement; days of the December before may be among them.

    `law` is given for the whole country and names what every year must hold. Nothing is taken when anything is wrong:
    raises CalendarRefused with every problem by line.
    """
    found: dict[date, int] = {}
    days: list[NoticeDay] = []
    problems: list[Problem] = []
    for line, cells in _lines(text):
        row = _row(line, cells, year)
        if isinstance(row, Problem):
            problems.append(row)
        elif row.day in found:
            values = {"day": row.day, "line": found[row.day]}
            problems.append(Problem(line, _("%(day)s 与第 %(line)d 行重复") % values))
        else:
            found[row.day] = line
            days.append(row)
    problems += _missing(days, year, law) if not problems else []
    if problems:
        raise refusal(problems)
    return days


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text))
    try:
        for cells in reader:
            tidy = [cell.strip() for cell in cells]
            if any(tidy) and not (reader.line_num == 1 and tidy[0] in ("日期", "date")):
                yield reader.line_num, tidy
    except csv.Error as error:
        raise refusal([Problem(reader.line_num, _("无法读取"))]) from error


def _row(line: int, cells: list[str], year: int) -> NoticeDay | Problem:
    if len(cells) < 3:
        return Problem(line, _("要有日期、安排、名称三列"))
    day, kind, name = _day(cells[0]), cells[1].lower(), cells[2]
    text = _fault(day, kind, name, year)
    if text or day is None:
        return Problem(line, text or _("日期不对"))
    return NoticeDay(day, kind in WORK, name)


def _fault(day: date | None, kind: str, name: str, year: int) -> str:
    if day is None:
        return _("日期写法不对，请写成 2027-01-01 这样")
    if day.year != year and (day.year, day.month) != (year - 1, 12):
        return _("%(day)s 不属于 %(year)d 年的安排") % {"day": day, "year": year}
    if kind not in REST | WORK:
        return _("安排只能写“休”或“班”")
    if kind in WORK and day.weekday() < 5:
        return _("%(day)s 是周一至周五，本来就上班") % {"day": day}
    if not name.isprintable() or not 0 < len(name) <= MAX_NAME:
        return _("名称要写 1 到 %(most)d 个字") % {"most": MAX_NAME}
    return ""


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text.replace(" ", ""))
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def _missing(days: list[NoticeDay], year: int, law: HolidayLaw | None) -> list[Problem]:
    if law is None:
        return [] if days else [Problem(0, _("文件里没有日期"))]
    resting = {row.day for row in days if not row.is_work}
    names = " ".join(row.name for row in days)
    absent = [name for name in law.required if name not in names]
    fixed = [date(year, row.month, row.day) for row in law.fixed if year >= row.valid_from]
    problems = [Problem(0, _("缺少节日：%(names)s") % {"names": "、".join(absent)})] if absent else []
    text = _("%(day)s 是法定节假日，文件里没有写休")
    return problems + [Problem(0, text % {"day": day}) for day in fixed if day not in resting]


def refusal(problems: list[Problem]) -> CalendarRefused:
    """The refusal of a file, naming the first five problems; `facts["errors"]` has all as (line, text)."""
    shown = "；".join(str(problem) for problem in problems[:5])
    more = _("；另有 %(count)d 处") % {"count": len(problems) - 5} if len(problems) > 5 else ""
    errors = [(problem.line, problem.text) for problem in problems]
    return CalendarRefused(
        _("工作日安排文件没有装入：%(shown)s") % {"shown": shown + more}, field="file", facts={"errors": errors}
    )
