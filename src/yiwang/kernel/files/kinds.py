"""The kinds of files that may be uploaded, and how each is recognised."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ZIP = "application/zip"
OLE = frozenset({"application/x-ole-storage", "application/CDFV2", "application/vnd.ms-office"})
SCRIPTS = frozenset({"text/html", "text/x-php", "text/x-shellscript", "text/x-msdos-batch", "text/javascript"})


@dataclass(frozen=True)
class FileKind:
    """A kind of file: its type on the wire, what the sniffer may call it, the member a package must hold.

    `inline` kinds are shown by browsers without harm; all others are only ever sent as a download.
    """

    label: str | Promise
    mime: str
    seen: frozenset[str]
    member: str = ""
    inline: bool = False
    is_image: bool = False
    is_text: bool = False
    is_package: bool = False


def _image(label: str | Promise, mime: str, *more: str) -> FileKind:
    return FileKind(label, mime, frozenset({mime, *more}), inline=mime != "image/tiff", is_image=True)


def _package(label: str | Promise, mime: str, member: str) -> FileKind:
    return FileKind(label, mime, frozenset({ZIP, mime, "application/octet-stream"}), member, is_package=True)


def _ole(label: str | Promise, mime: str) -> FileKind:
    return FileKind(label, mime, OLE | {mime})


def _text(label: str | Promise, mime: str) -> FileKind:
    return FileKind(label, mime, frozenset({mime, "application/csv", "application/json"}), is_text=True)


_JPEG = _image(_("JPEG 图片"), "image/jpeg")
_TIFF = _image(_("TIFF 图片"), "image/tiff")
_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS: dict[str, FileKind] = {
    "pdf": FileKind(_("PDF 文档"), "application/pdf", frozenset({"application/pdf"}), inline=True),
    "ofd": _package(_("OFD 版式文件"), "application/ofd", "OFD.xml"),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "png": _image(_("PNG 图片"), "image/png"),
    "gif": _image(_("GIF 图片"), "image/gif"),
    "bmp": _image(_("BMP 图片"), "image/bmp", "image/x-ms-bmp"),
    "webp": _image(_("WebP 图片"), "image/webp"),
    "tif": _TIFF,
    "tiff": _TIFF,
    "docx": _package(_("Word 文档"), f"{_OFFICE}.wordprocessingml.document", "word/document.xml"),
    "xlsx": _package(_("Excel 表格"), f"{_OFFICE}.spreadsheetml.sheet", "xl/workbook.xml"),
    "doc": _ole(_("Word 97 文档"), "application/msword"),
    "xls": _ole(_("Excel 97 表格"), "application/vnd.ms-excel"),
    "wps": _ole(_("WPS 文档"), "application/vnd.ms-works"),
    "et": _ole(_("WPS 表格"), "application/vnd.ms-excel"),
    "zip": FileKind(_("ZIP 压缩包"), ZIP, frozenset({ZIP}), is_package=True),
    "txt": _text(_("纯文本"), "text/plain"),
    "csv": _text(_("CSV 表格"), "text/csv"),
    "svg": FileKind(_("SVG 图形"), "image/svg+xml", frozenset({"image/svg+xml", "text/xml"})),
    "html": FileKind(_("网页"), "text/html", frozenset({"text/html"})),
}
GENERAL = frozenset(KINDS) - {"svg", "html"}

NAMES: dict[str, str | Promise] = {
    ZIP: _("ZIP 压缩包"),
    "application/x-dosexec": _("Windows 程序"),
    "application/vnd.microsoft.portable-executable": _("Windows 程序"),
    "application/x-executable": _("Linux 程序"),
    "application/x-pie-executable": _("Linux 程序"),
    "application/x-sharedlib": _("程序库"),
    "application/x-elf": _("Linux 程序"),
    "text/x-php": _("PHP 程序"),
    "text/x-shellscript": _("脚本程序"),
    "text/x-msdos-batch": _("批处理程序"),
    "text/javascript": _("JavaScript 程序"),
    "text/plain": _("纯文本"),
    "text/xml": _("XML 文件"),
    "application/x-rar": _("RAR 压缩包"),
    "application/x-7z-compressed": _("7-Zip 压缩包"),
    "application/gzip": _("GZIP 压缩包"),
    "application/x-ole-storage": _("旧版 Office 文档"),
    "application/CDFV2": _("旧版 Office 文档"),
    "image/heic": _("HEIC 照片"),
    "image/vnd.dwg": _("AutoCAD 图纸"),
    "video/mp4": _("MP4 视频"),
    "application/octet-stream": _("无法识别的数据"),
}


def allowed_endings() -> frozenset[str]:
    """Endings taken by this node (setting `FILES_ENDINGS`); SVG and HTML only where the setting names them."""
    return frozenset(getattr(settings, "FILES_ENDINGS", GENERAL)) & frozenset(KINDS)


def name_of(mime: str) -> str:
    """What people call a type; the type itself where there is no name for it."""
    known = NAMES.get(mime) or next((kind.label for kind in KINDS.values() if mime == kind.mime), "")
    return str(known or mime)


def is_inline(mime: str) -> bool:
    """Whether a browser may show this type; everything else is a download."""
    return any(kind.mime == mime and kind.inline for kind in KINDS.values())


def is_image(mime: str) -> bool:
    """Whether a picture can be drawn from this type by the image library."""
    return any(kind.mime == mime and kind.is_image for kind in KINDS.values())
