"""Refusals about envelopes, messages between nodes, and trust."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted, Refusal, StaleState, Text
from yiwang.kernel.files.refusals import FileRefused


class EnvelopeInvalid(InvalidInput):
    """An envelope has no addressee, no title, one addressee twice, or says more than fits."""

    message: Text = _("信封内容不符合要求")


class EnvelopeTooLarge(InvalidInput):
    """Payload, files or addressees exceed what one envelope may carry; `facts` name limit and size."""

    message: Text = _("内容超出一次发送的上限")
    remedy: Text = _("请减少附件或收件单位，分次发送")
    status: ClassVar[int] = 413


class UnitUnknown(NotFound):
    """No unit of this code stands in the directory."""

    message: Text = _("目录中没有这个收件单位")
    remedy: Text = _("请核对单位，或等待上级更新节点目录后再发")


class ReasonMissing(InvalidInput):
    """Refusing needs a reason of at most 100 characters; the length is seen in practice, no law sets it."""

    message: Text = _("请写明退回的理由，不超过 100 个字")


class LegUnderway(StaleState):
    """The envelope is not here yet, so nothing can be done with it."""

    message: Text = _("文件还在途中")


class LegWithdrawn(StaleState):
    """The sender has withdrawn the envelope."""

    message: Text = _("发件单位已撤回，不能再办理")


class LegClosed(StaleState):
    """The envelope was signed for or refused already."""

    message: Text = _("已经签收或退回，不能再办理")


class LegOpened(StaleState):
    """The addressee has opened the envelope: it can no longer be withdrawn."""

    message: Text = _("收件单位已经打开，不能撤回")
    remedy: Text = _("请与收件单位联系，由其退回")


class MessageRefused(Refusal):
    """Base of what a node answers, signed, to a message of a known sender; repeating it would not help."""


class FrameInvalid(InvalidInput):
    """What came in is no message of this exchange."""

    message: Text = _("收到的数据不是交换报文")


class FrameTooLarge(FrameInvalid):
    """The message is larger than this node takes; nothing of it was read."""

    message: Text = _("交换报文超出大小上限")
    status: ClassVar[int] = 413


class NotForThisNode(FrameInvalid):
    """The message is addressed to another node, or sealed to a key this node never had."""

    message: Text = _("报文不是发给本节点的")


class PeerUnknown(NotPermitted):
    """The directory does not know the node."""

    message: Text = _("目录中没有这个节点")


class PeerExpired(NotPermitted):
    """The listing of the node, or of one above it, has expired or was taken back."""

    message: Text = _("节点的登记已过期或已被注销")
    remedy: Text = _("请上级节点签发新的目录")


class SignatureInvalid(NotPermitted):
    """The signature does not fit the message and the keys listed for its sender."""

    message: Text = _("签名不符，报文不可信")


class BehindFloor(MessageRefused):
    """The number lies at or below the floor, or in an ended epoch: its sender has said that it was settled."""

    message: Text = _("报文编号低于已结清的底线，属于重放")
    remedy: Text = _("发送节点若由备份恢复，请为这条线路启用新的纪元")


class NumberReused(MessageRefused):
    """Another message had this number: the sender has lost its memory."""

    message: Text = _("报文编号已被另一份报文使用")
    remedy: Text = _("发送节点若由备份恢复，请为这条线路启用新的纪元")


class MessageUnknown(MessageRefused):
    """A message speaks of a leg that never passed between these two nodes."""

    message: Text = _("没有与这个节点往来过这份文件")


class MessageInvalid(MessageRefused):
    """A signed message lacks what its kind needs, or names files beyond what is taken."""

    message: Text = _("报文内容不完整或超出上限")


class AddresseeUnknown(MessageRefused):
    """A message is addressed to a unit that does not collect here."""

    message: Text = _("收件单位不在本节点")


class ReceiptContradicts(MessageRefused):
    """Two receipts of one number say different things."""

    message: Text = _("同一编号的回执前后不一致")


class PieceRefused(Refusal):
    """A piece of a file is not expected, has the wrong length, or does not open."""

    message: Text = _("文件分片不符，已丢弃")


class HashDiffers(FileRefused):
    """A file is not what its sender listed."""

    message: Text = _("附件与其摘要不符")


class AnswerInvalid(Refusal):
    """An answer was not signed by the node that was asked, or speaks of something else."""

    message: Text = _("对方节点的应答不可信")


class DirectoryInvalid(InvalidInput):
    """A directory lacks something, names itself twice, or was not signed by its issuer."""

    message: Text = _("节点目录不正确")


class DirectoryOlder(Refusal):
    """A directory with this serial or a later one was accepted already."""

    message: Text = _("节点目录比现有的旧，不予接受")


class DirectoryExpired(Refusal):
    """The directory has expired."""

    message: Text = _("节点目录已过有效期")


class NotBelow(Refusal):
    """A node may list only nodes directly below it and units that collect on itself."""

    message: Text = _("节点只能登记直属下级节点和在本节点收件的单位")


class SecondOfficerMissing(NotPermitted):
    """The same officer, or the same person, cannot propose and approve."""

    message: Text = _("须由另一名管理员批准，提出人不能批准自己的变更")


class ProposalClosed(StaleState):
    """The proposal was decided already."""

    message: Text = _("这项变更已经处理")
