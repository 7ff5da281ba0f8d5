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


class SealRefused(Refusal):
    """The seal may not be used now; nothing is drawn. `facts` name the seal."""

    message: Text = _("不能用这枚印章")
    rule: Text = _("印章管理：停用、过期、销毁的印章不得使用")


class SealSuspended(SealRefused):
    """The seal was suspended."""

    message: Text = _("印章已经停用，不能用印")
    remedy: Text = _("请印章保管人恢复使用后再办")


class SealDestroyed(SealRefused):
    """The seal was destroyed, and the unit has no other for this purpose."""

    message: Text = _("印章已经销毁，不能用印")
    remedy: Text = _("请系统管理员为本单位启用新的电子印章")


class SealExpired(SealRefused):
    """The seal or its certificate is not valid today."""

    message: Text = _("印章或者它的数字证书不在有效期内，不能用印")
    remedy: Text = _("请系统管理员更新电子印章的证书")


class SealNotForPaper(SealRefused):
    """The register does not allow this seal on this paper."""

    message: Text = _("这枚印章不准用在这种文书上")
    rule: Text = _("印章台账登记的用印范围")
    remedy: Text = _("请印章保管人核对用印范围")


class SealNotForPost(SealRefused):
    """The register does not allow this seal on a decision of this post."""

    message: Text = _("这个岗位的决定不准用这枚印章")
    rule: Text = _("印章台账登记的用印岗位")
    remedy: Text = _("请有权的岗位签发，或者请印章保管人核对用印岗位")


class SealStands(Refusal):
    """The seal is in that state already, or was destroyed for good."""

    message: Text = _("印章现在的状态不能这样变更")
    remedy: Text = _("请刷新页面，看看印章现在的状态")


class SealExists(Refusal):
    """The unit has a seal with this line already."""

    message: Text = _("本单位已经有这枚印章")


class SignerUnavailable(Refusal):
    """The signer or the time-stamp service does not answer; the paper waits unsigned and is tried again."""

    message: Text = _("签名服务没有应答，文书等待电子签名")
    remedy: Text = _("平台会自动再试；一直不行的，请系统管理员检查签名服务")
    status: ClassVar[int] = 503
