"""What is ill: each part of the node with how it is, what that means and what to do."""

import shutil
import time
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yiwang.kernel.base.moments import now, today
from yiwang.kernel.base.refusals import Text
from yiwang.kernel.clock.queries import missing_year
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.queries import Health, dead_jobs, health, last_beat
from yiwang.kernel.ledger.models import Root
from yiwang.kernel.org.queries import current_holdings
from yiwang.kernel.outputs import fonts
from yiwang.kernel.process.models import WorkItem

OK, SOON, LATE = "ok", "soon", "late"
GIB = 1 << 30
SILENT, SLOW_QUEUE, STUCK_QUEUE = timedelta(seconds=45), timedelta(minutes=1), timedelta(minutes=10)
LITTLE_DISK, NO_DISK = 5 * GIB, GIB
SLOW_DATABASE = 0.2
MOST_DEAD, MOST_COUNTED = 50, 1000


@dataclass(frozen=True, slots=True)
class Sign:
    """One part of the node: how it is, what that means, what to do."""

    name: str
    tone: str
    words: str
    remedy: str = ""
    url: str = ""

    @property
    def icon(self) -> str:
        """The picture that says the tone besides the colour."""
        return {OK: "checkc", SOON: "info"}.get(self.tone, "alert")


@dataclass(frozen=True, slots=True)
class DeadLine:
    """A job that could not be done, and why, in words."""

    job: Job
    name: str
    cause: str
    detail: str


def signs() -> tuple[Sign, ...]:
    """Every part, worst first."""
    begun = time.perf_counter()
    queue = health()
    took = time.perf_counter() - begun
    found = (
        _database(took),
        _worker(last_beat(), queue),
        _queue(queue),
        _dead(queue),
        _pools(),
        _calendar(),
        _disk(),
        _fonts(),
        _root(),
        Sign(_("版本"), OK, _("一网 %(version)s") % {"version": version()}),
    )
    return tuple(sorted(found, key=lambda sign: (LATE, SOON, OK).index(sign.tone)))


def _database(took: float) -> Sign:
    facts = {"engine": "PostgreSQL" if connection.vendor == "postgresql" else "SQLite", "ms": round(took * 1000)}
    words = _("%(engine)s，一次查询 %(ms)d 毫秒") % facts
    if took > SLOW_DATABASE:
        return Sign(_("数据库"), SOON, words, _("比平时慢。看看有没有别的程序占着磁盘或处理器，备份是否正在进行。"))
    return Sign(_("数据库"), OK, words)


def _worker(beaten: datetime | None, queue: Health) -> Sign:
    age = None if beaten is None else now() - beaten
    if age is not None and age <= SILENT:
        return Sign(_("后台程序"), OK, _("正在工作，%(n)d 秒前有心跳") % {"n": max(0, age.seconds)})
    words = _("一天以上没有心跳") if age is None else _("%(ago)s没有心跳") % {"ago": _span(age)}
    meaning = _("通知、证照、计时、移交都停着，不会丢，恢复后接着办。")
    return Sign(_("后台程序"), LATE, words, meaning + _("请在服务器上重启：./run up，或 systemctl restart yiwang。"))


def _queue(queue: Health) -> Sign:
    facts = {"waiting": queue.waiting, "running": queue.running, "planned": queue.planned, "age": _span(queue.oldest)}
    words = _("等待 %(waiting)d，进行中 %(running)d，以后到期 %(planned)d；最早一项已等 %(age)s") % facts
    if queue.unknown:
        words += _("；%(n)d 项要新版程序才会办") % {"n": queue.unknown}
    if queue.oldest >= STUCK_QUEUE:
        return Sign(_("作业队列"), LATE, words, _("积压了。先看后台程序有没有心跳，再看失败的作业和数据库快慢。"))
    tone = SOON if queue.oldest >= SLOW_QUEUE or queue.unknown else OK
    return Sign(_("作业队列"), tone, words, _("比平时慢，过几分钟再看。") if tone == SOON else "")


def _dead(queue: Health) -> Sign:
    if not queue.dead:
        return Sign(_("失败的作业"), OK, _("没有"))
    words = _("%(n)d 项试了多次没有办成") % {"n": queue.dead}
    return Sign(_("失败的作业"), LATE, words, _("每一项都有原因，先消除原因，再重试；看下面的清单。"), "#dead")


def _pools() -> Sign:
    held = current_holdings().values("post")
    rows = WorkItem.objects.filter(state=WorkItem.State.OPEN, person=None, post__isnull=False).exclude(post__in=held)
    count = rows[:MOST_COUNTED].count()
    if not count:
        return Sign(_("无人岗位"), OK, _("每件待办都有人能办"))
    words = _("%(n)d 件待办在没有人的岗位上") % {"n": count}
    return Sign(_("无人岗位"), LATE, words, _("这些件没有人看得到。请给岗位任命人员。"), "organisation")


def _calendar() -> Sign:
    year = missing_year(today())
    if year is None:
        return Sign(_("工作日历"), OK, _("今年的安排已装入"))
    words = _("%(year)d 年的放假安排还没有装入") % {"year": year}
    meaning = _("跨年的期限暂按周末和固定节日算，标为“暂定”。")
    return Sign(
        _("工作日历"), SOON, words, meaning + _("国务院办公厅通知发布后（一般 11 月）在“日历”里装入。"), "calendar"
    )


def _disk() -> Sign:
    usage = shutil.disk_usage(settings.DATA)
    words = _("剩 %(free).1f GB，共 %(total).1f GB") % {"free": usage.free / GIB, "total": usage.total / GIB}
    remedy = _("写满后不能收件。请清理或扩容；不要删数据目录里的文件。")
    if usage.free < NO_DISK:
        return Sign(_("磁盘"), LATE, words, remedy)
    return Sign(_("磁盘"), SOON, words, remedy) if usage.free < LITTLE_DISK else Sign(_("磁盘"), OK, words)


def _fonts() -> Sign:
    found = fonts.seen()
    if found:
        return Sign(_("中文字体"), OK, "、".join(found))
    meaning = _("证照和文书可能画不出来。")
    remedy = meaning + _("请安装字体：%(command)s") % {"command": fonts.hint()}
    return Sign(_("中文字体"), SOON, _("没有找到已知的中文字体文件"), remedy)


def _root() -> Sign:
    day = Root.objects.order_by("-day").values_list("day", flat=True).first()
    if day is None:
        return Sign(_("账本日根"), OK, _("还没有：第一天过后夜里签"))
    words = _("签到 %(day)s") % {"day": day}
    if day < today() - timedelta(days=2):
        remedy = _("每夜 0:40 签前一天的。看后台程序是否整夜开着，失败的作业里有没有“签日根”。")
        return Sign(_("账本日根"), SOON, words, remedy)
    return Sign(_("账本日根"), OK, words)


@cache
def version() -> str:
    """The version in the project file of the tree."""
    found: str = tomllib.loads((Path(settings.ROOT) / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    return found


def _span(age: timedelta) -> str:
    seconds = int(age.total_seconds())
    if seconds < 120:
        return _("%(n)d 秒") % {"n": seconds}
    if seconds < 7200:
        return _("%(n)d 分钟") % {"n": seconds // 60}
    return _("%(n)d 小时") % {"n": seconds // 3600} if seconds < 172_800 else _("%(n)d 天") % {"n": seconds // 86_400}


KINDS: dict[str, Text] = {
    "clock.recount": gettext_lazy("重算期限"),
    "ledger.sign_roots": gettext_lazy("签日根"),
    "cases.timer": gettext_lazy("办件定时"),
    "cases.reaction": gettext_lazy("画证照"),
    "cases.hand_over": gettext_lazy("离岗移交"),
    "cases.hand_over_item": gettext_lazy("移交一件"),
    "cases.tell_applicant": gettext_lazy("通知申请人"),
    "cases.draw_letter": gettext_lazy("画文书"),
    "cases.index_words": gettext_lazy("编入搜索"),
    "cases.note_quota": gettext_lazy("登记限额申请"),
    "cases.take_over_due": gettext_lazy("更新到期日"),
    "identity.send_code": gettext_lazy("发验证码"),
    "files.sweep": gettext_lazy("清理上传残件"),
}
CAUSES: tuple[tuple[str, Text], ...] = (
    ("FontsMissing", gettext_lazy("没有中文字体。装好字体再重试。")),
    ("CharactersMissing", gettext_lazy("字体里没有某个字。装更全的字体再重试。")),
    ("No space left", gettext_lazy("磁盘写满了。腾出空间再重试。")),
    ("Permission denied", gettext_lazy("没有读写文件的权限。改好数据目录的权限再重试。")),
    ("MemoryError", gettext_lazy("内存不够。")),
    ("ConnectionRefused", gettext_lazy("对方服务没有开。接通后重试。")),
    ("TimeoutError", gettext_lazy("等对方超时。网络通了再重试。")),
    ("DoesNotExist", gettext_lazy("它要办的东西已经没有了，一般可以放弃。")),
    ("NotFound", gettext_lazy("它要办的东西已经没有了，一般可以放弃。")),
    ("CaseClosed", gettext_lazy("办件已经办结，一般可以放弃。")),
    ("disappeared", gettext_lazy("办它的进程几次中途消失（断电、内存不够或被杀）。")),
)


def dead_lines() -> tuple[DeadLine, ...]:
    """The dead list, newest first, at most fifty."""
    return tuple(_dead_line(job) for job in dead_jobs()[:MOST_DEAD])


def _dead_line(job: Job) -> DeadLine:
    key = job.kind.partition(":")[2] or job.kind
    lines = [line.strip() for line in job.error.strip().splitlines() if line.strip()]
    last = lines[-1][:300] if lines else ""
    cause = next(
        (words for sign, words in CAUSES if sign in last), gettext_lazy("程序出错，请把下面一行告诉维护人员。")
    )
    return DeadLine(job, str(KINDS.get(key, key)), str(cause), last)
