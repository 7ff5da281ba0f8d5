"""Refusals of files. Each says what the file is, which limit it breaks, and what to do."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, Refusal, Text


class FileRefused(InvalidInput):
    """Base of the refusals that are about one uploaded file."""


class EmptyFile(FileRefused):
    """The file holds no bytes."""

    message: Text = _("文件是空的")
    remedy: Text = _("请检查文件能否打开，再重新选择")


class FileTooLarge(FileRefused):
    """The file, or all files of a draft together, exceed the limit."""

    message: Text = _("文件太大")
    remedy: Text = _("请压缩照片、降低扫描分辨率，或分成几个文件上传")
    status: ClassVar[int] = 413


class TooManyFiles(FileRefused):
    """A draft holds as many files as it may."""

    message: Text = _("文件太多")
    remedy: Text = _("请合并扫描件，或删去不需要的文件")


class TypeNotAllowed(FileRefused):
    """Files with this ending are not taken."""

    message: Text = _("不接收这种文件")


class WrongContent(FileRefused):
    """The content is something else than the name says."""

    message: Text = _("文件内容与文件名不符")
    remedy: Text = _("请用原来的程序重新另存，再上传")


class DamagedFile(FileRefused):
    """The file cannot be read to its end."""

    message: Text = _("文件已损坏，打不开")
    remedy: Text = _("请重新导出或重新扫描")


class ArchiveBomb(FileRefused):
    """The package would unfold to far more than it weighs."""

    message: Text = _("压缩包展开后过大或层数过多，可能是压缩炸弹")
    remedy: Text = _("请把需要的文件取出来单独上传")


class UnsafeArchive(FileRefused):
    """The package holds something that is never taken: macros, encrypted members, names that lead outside."""

    message: Text = _("压缩包里有不能接收的内容")
    remedy: Text = _("请取出需要的文件，不加密、不带宏，单独上传")


class StorageFull(Refusal):
    """The disk has no room; nothing of the file was kept."""

    message: Text = _("服务器存储空间不足，文件没有保存")
    remedy: Text = _("已填写的内容仍在，请稍后再传；如多次出现请告诉窗口工作人员")
    status: ClassVar[int] = 507


class StoredFileDamaged(Refusal):
    """What lies in the store is not what was put there: cut, changed, missing, or sealed by another key ring."""

    message: Text = _("存储的文件已损坏或被改动，不能提供")
    remedy: Text = _("请系统管理员用备份恢复该文件")
    status: ClassVar[int] = 500


class FileWithheld(Refusal):
    """The file waits for the virus scan, or was found infected."""

    message: Text = _("文件尚未通过病毒检查，暂不能打开")
    status: ClassVar[int] = 423


class PreviewUnavailable(Refusal):
    """No picture can be made of this file; it can still be downloaded."""

    message: Text = _("这个文件不能预览")
    remedy: Text = _("请下载后查看")
    status: ClassVar[int] = 422


class RangeNotSatisfiable(InvalidInput):
    """The part of the file that was asked for lies outside of it."""

    message: Text = _("请求的文件范围不存在")
    status: ClassVar[int] = 416
