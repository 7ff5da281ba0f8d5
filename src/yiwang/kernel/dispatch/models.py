"""Tables of nodes, envelopes, legs and messages."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.sealed import SealedTextField
from yiwang.kernel.dispatch.rules import State
from yiwang.kernel.ledger.models import Subject
from yiwang.kernel.org.models import Node, Unit

STATES = [
    (State.UNDERWAY.value, _("在途")),
    (State.ARRIVED.value, _("待收")),
    (State.OPENED.value, _("已打开")),
    (State.SIGNED.value, _("已签收")),
    (State.REFUSED.value, _("已退回")),
    (State.WITHDRAWN.value, _("已撤回")),
]


class Peer(models.Model):
    """A node as the exchange knows it 交换节点: under whom it stands, where it answers, until when it is listed.

    `serial` is that of the newest directory the node itself has issued, `listed_in` that of its parent's directory in
    which it stands. The root of the tree is pinned and expires never.
    """

    node = models.OneToOneField(Node, on_delete=models.PROTECT, related_name="peer")
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="peer")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    place = models.CharField(max_length=200, default="")
    is_root = models.BooleanField(default=False)
    is_listed = models.BooleanField(default=True)
    serial = models.BigIntegerField(default=0)
    listed_in = models.BigIntegerField(default=0)
    expires = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.node.code


class PeerKey(models.Model):
    """Public keys of a node 节点公钥; the one at position 0 is sealed to, every one listed verifies."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="keys")
    fingerprint = models.CharField(max_length=32)
    sign = models.BinaryField()
    seal = models.BinaryField()
    position = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "fingerprint"], name="peer_key_once")]

    def __str__(self) -> str:
        return self.fingerprint


class Address(models.Model):
    """Where a unit collects 收件地址: `node/unit`, so that no node can take another's; `unit` is set for those here."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="addresses")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="addresses")
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["unit"], name="address_unit")]

    def __str__(self) -> str:
        return self.code


class DirectoryIssue(models.Model):
    """A signed directory 节点目录 as it was issued; every serial of every issuer once."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="issues")
    serial = models.BigIntegerField()
    body = models.BinaryField()
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "serial"], name="directory_serial_once")]

    def __str__(self) -> str:
        return f"directory {self.serial}"


class Proposal(models.Model):
    """A change of trust 信任变更 that one officer proposes and another approves."""

    class Type(models.TextChoices):
        ROOT = "root", _("登记根节点")
        DIRECTORY = "directory", _("签发节点目录")

    class State(models.IntegerChoices):
        OPEN = 0, _("待批准")
        APPROVED = 1, _("已批准")
        DROPPED = 2, _("已撤销")

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, related_name="trust_proposal")
    kind = models.CharField(max_length=10, choices=Type.choices)
    body = models.JSONField()
    state = models.SmallIntegerField(choices=State.choices, default=State.OPEN)
    proposer = models.BigIntegerField()
    proposer_role = models.CharField(max_length=10)
    proposer_person = models.BigIntegerField(null=True)
    approver = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=now)
    decided = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Outbound(models.Model):
    """The last number given to a message for a node, in the present epoch; locked by whoever posts until he commits."""

    peer = models.OneToOneField(Peer, on_delete=models.PROTECT, primary_key=True, related_name="outbound")
    epoch = models.IntegerField(default=1)
    last = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"to {self.peer_id}: {self.epoch}/{self.last}"


class Inbound(models.Model):
    """The replay floor 重放底线 of messages from a node; locked while one of its messages is taken in."""

    peer = models.OneToOneField(Peer, on_delete=models.PROTECT, primary_key=True, related_name="inbound")
    epoch = models.IntegerField(default=0)
    floor = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"from {self.peer_id}: {self.epoch}/{self.floor}"


class Envelope(models.Model):
    """A signed message with files 信封, sent here or received; kept for ever under its key.

    Only one that was sent here has a subject of its own; what was received hangs on its legs.
    """

    key = models.UUIDField(unique=True)
    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, null=True, related_name="envelope")
    origin = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="envelopes")
    sender = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="sent")
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    payload = SealedTextField(default="{}")
    files = SealedTextField(default="[]")
    replaces = models.UUIDField(null=True)
    by = models.BigIntegerField(default=0)
    sent = models.DateTimeField()
    is_complete = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.key)


class Leg(models.Model):
    """The way of an envelope to one unit 投递, one row and one subject on each side; `version` numbers its changes."""

    class Side(models.IntegerChoices):
        OUT = 0, _("发往其他节点")
        IN = 1, _("来自其他节点")
        HERE = 2, _("本节点内")

    subject = models.OneToOneField(Subject, on_delete=models.PROTECT, primary_key=True, related_name="leg")
    key = models.UUIDField(unique=True)
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="legs")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="legs")
    side = models.SmallIntegerField(choices=Side.choices)
    state = models.CharField(max_length=10, choices=STATES, default=State.UNDERWAY.value)
    version = models.SmallIntegerField(default=0)
    is_withdrawing = models.BooleanField(default=False)
    urged = models.SmallIntegerField(default=0)
    reason = models.CharField(max_length=100, default="", blank=True)
    moved = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["envelope", "address"], name="leg_once")]
        indexes = [models.Index(fields=["address", "state", "moved"], name="leg_worklist")]

    def __str__(self) -> str:
        return str(self.key)


class Receipt(models.Model):
    """One change of a leg at its addressee 回执: written once, on both sides."""

    leg = models.ForeignKey(Leg, on_delete=models.PROTECT, related_name="receipts")
    version = models.SmallIntegerField()
    state = models.CharField(max_length=10, choices=STATES)
    reason = models.CharField(max_length=100, default="", blank=True)
    by = models.CharField(max_length=60, default="", blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["leg", "version"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.state} ({self.version})"


class Outgoing(models.Model):
    """A message for another node 待发报文, numbered in the transaction that caused it."""

    class State(models.IntegerChoices):
        WAITING = 0, _("待发送")
        STORED = 1, _("对方已存")
        CANCELLED = 2, _("未发出即撤回")
        REFUSED = 3, _("对方拒绝")

    message = models.UUIDField(unique=True)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="outgoing")
    epoch = models.IntegerField()
    number = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, null=True, related_name="outgoing")
    body = SealedTextField()
    key_id = models.CharField(max_length=20)
    state = models.SmallIntegerField(choices=State.choices, default=State.WAITING)
    refusal = models.CharField(max_length=200, default="", blank=True)
    at = models.DateTimeField(default=now)
    settled = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "epoch", "number"], name="outgoing_number_once")]
        indexes = [
            models.Index(fields=["peer", "epoch", "number"], condition=models.Q(state=0), name="outgoing_waiting"),
            models.Index(fields=["state", "id"], condition=models.Q(state=3), name="outgoing_refused"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.epoch}/{self.number}"


class Arrived(models.Model):
    """The id of a message that was taken in 已收报文; dropped once its number lies at or below the floor."""

    message = models.UUIDField(unique=True)
    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="arrived")
    epoch = models.IntegerField()
    number = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "epoch", "number"], name="arrived_number_once")]

    def __str__(self) -> str:
        return f"{self.epoch}/{self.number}"


class EarlyWord(models.Model):
    """A withdrawal or urge that overtook its envelope 先到的撤回或催办; it takes effect when the envelope comes."""

    peer = models.ForeignKey(Peer, on_delete=models.PROTECT, related_name="early_words")
    leg = models.UUIDField()
    kind = models.CharField(max_length=20)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["peer", "leg", "kind"], name="early_word_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.leg}"
