"""Whether a file that came in is what its name says, and of a kind that is taken."""

import io
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yiwang.kernel.files.kinds import KINDS, SCRIPTS, FileKind, allowed_endings, name_of
from yiwang.kernel.files.limits import Limits, readable
from yiwang.kernel.files.names import clean_name, ending_of
from yiwang.kernel.files.packages import check_package
from yiwang.kernel.files.refusals import FileTooLarge, TypeNotAllowed, WrongContent
from yiwang.kernel.files.sniffing import sniff
from yiwang.kernel.files.staging import Staged


@dataclass(frozen=True)
class Arrival:
    """An acceptable file, sealed and waiting to be attached."""

    name: str
    mime: str
    staged: Staged


def accept(staged: Staged, raw_name: str, limits: Limits) -> Arrival:
    """The file under its cleaned name; a refused one is thrown away and the refusal passed on."""
    name = clean_name(raw_name)
    try:
        return Arrival(name, inspect(staged, name, limits), staged)
    except BaseException:
        staged.discard()
        raise


def kind_for(name: str, limits: Limits) -> FileKind:
    """The kind a name promises. Raises TypeNotAllowed naming the endings that are taken."""
    endings = limits.endings & allowed_endings() if limits.endings else allowed_endings()
    ending = ending_of(name)
    if ending not in endings:
        raise TypeNotAllowed(
            _("不接收 .%(ending)s 文件") % {"ending": ending} if ending else _("文件名没有扩展名，无法判断类型"),
            remedy=_("可以上传：%(endings)s") % {"endings": "、".join(sorted(endings))},
            facts={"ending": ending},
        )
    return KINDS[ending]


def inspect(staged: Staged, name: str, limits: Limits) -> str:
    """The media type of an acceptable file.

    Raises TypeNotAllowed, FileTooLarge, WrongContent naming what it really is, and what `check_package` raises.
    """
    kind = kind_for(name, limits)
    largest = limits.of(is_image=kind.is_image)
    if staged.size > largest:
        raise FileTooLarge(rule=readable(largest), facts={"limit": largest, "size": staged.size})
    seen = sniff(staged.head)
    if not _fits(kind, seen):
        raise _wrong(name, kind, seen)
    if kind.is_package:
        _inspect_package(staged, name, kind)
    return kind.mime


def _fits(kind: FileKind, seen: str) -> bool:
    if kind.is_text:
        return seen in kind.seen or (seen.startswith("text/") and seen not in SCRIPTS)
    return seen in kind.seen


def _inspect_package(staged: Staged, name: str, kind: FileKind) -> None:
    with staged.open() as plain:
        members = check_package(io.BufferedReader(plain), staged.size)
    if kind.member and kind.member not in members:
        raise _wrong(name, kind, "application/zip")


def _wrong(name: str, kind: FileKind, seen: str) -> WrongContent:
    words = {"ending": ending_of(name), "seen": name_of(seen), "label": str(kind.label)}
    message = _("文件名是 .%(ending)s（%(label)s），内容却是%(seen)s") % words
    return WrongContent(message, facts={"ending": words["ending"], "seen": seen})
