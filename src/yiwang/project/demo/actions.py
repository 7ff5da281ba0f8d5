"""What happens to certificates of the demonstration until the issue "Permit" brings the procedures themselves."""

from django.db import transaction

from yiwang.kernel.base.moments import now
from yiwang.kernel.ledger.services import lock, record
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.registers.models import Entry
from yiwang.kernel.registers.services import Change, Issue, cancel_entry, replace_entry, revoke_entry


@transaction.atomic(durable=True)
def revoke_demo(*, actor: Actor, entry: Entry) -> None:
    """Revoke a certificate got by deceit."""
    subject = lock(entry.subject_id)[entry.subject_id]
    change = Change(actor, now(), "申请人隐瞒权属争议，以欺骗手段取得许可", "行政许可法第六十九条第二款")
    record(revoke_entry(subject, change), actor=actor)


@transaction.atomic(durable=True)
def cancel_demo(*, actor: Actor, entry: Entry) -> None:
    """Cancel the certificate of a holder who died."""
    subject = lock(entry.subject_id)[entry.subject_id]
    record(cancel_entry(subject, Change(actor, now(), "被许可人死亡", "行政许可法第七十条第二项")), actor=actor)


@transaction.atomic(durable=True)
def replace_demo(*, actor: Actor, entry: Entry) -> None:
    """Issue a new certificate for one that was lost."""
    subject = lock(entry.subject_id)[entry.subject_id]
    order = Issue(
        register=entry.register_id,
        issuer=entry.issuer_id,
        holder=entry.holder_id,
        holder_name=entry.holder_name,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        values={"word": entry.issuer.word},
        data=entry.data,
    )
    issued, event = replace_entry(subject, order, Change(actor, now(), "证件遗失，申请补发", "", entry.source_id))
    record(issued.event, event, actor=actor)
