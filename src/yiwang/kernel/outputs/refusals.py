"""Refusals of making documents."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, Refusal, Text


class FontsMissing(Refusal):
    """No Chinese font on this machine; `remedy` names the package to install."""

    message: Text = _("本机没有中文字体，不能制作证照和文书")
    status: ClassVar[int] = 503


class CharactersMissing(Refusal):
    """A character of the data is in none of the fonts: a document with a hole in a name is never made."""

    message: Text = _("有的字本机字体里没有，不能制作文书")
    status: ClassVar[int] = 503


class DocumentFailed(Refusal):
    """The template has an error; the document is not made."""

    message: Text = _("文书模板有错误，文书没有生成")
    remedy: Text = _("请系统管理员检查事项定义")
    status: ClassVar[int] = 500


class ValueMissing(Refusal):
    """A field that the document must show is empty."""

    message: Text = _("文书缺少必填内容")


class DefinitionError(InvalidInput):
    """A definition of outputs is wrong; the message names file, line and key."""

    message: Text = _("文书定义有错误")
