"""Papers 文书 of a case: what stands in them, and the actions that keep them. They are drawn in the worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings

from yiwang.kernel.base.identifiers import licence_identifier
from yiwang.kernel.cases.concerns import entry_about
from yiwang.kernel.cases.models import Case, Notice, Opinion
from yiwang.kernel.cases.types import Offer, offer_of
from yiwang.kernel.cases.values import contents_of
from yiwang.kernel.clock.queries import clocks_of
from yiwang.kernel.clock.wording import amount_text
from yiwang.kernel.ledger.models import Entry as LedgerEntry
from yiwang.kernel.outputs.definition import OutputSpec
from yiwang.kernel.outputs.services import Marks, Rendered, render
from yiwang.kernel.registers.models import Entry, QuotaEntry
from yiwang.kernel.registers.queries import entries_of_case
from yiwang.kernel.registers.verification import verification_tag

SIGNED = ("review", "approve", "sign")
LETTERS = {
    "case.opened": "receipt",
    "case.accepted": "acceptance",
    "case.corrections_requested": "corrections",
    "case.refused": "not_accepted",
    "case.denied": "denial",
}


@dataclass(frozen=True)
class Paper:
    """A paper about to be drawn: its definition, the facts it may name, and its marks."""

    spec: OutputSpec
    context: Mapping[str, object]
    marks: Marks

    def drawn(self) -> Rendered:
        """The finished PDF. Raises FontsMissing, ValueMissing, CharactersMissing, DocumentFailed."""
        return render(self.spec, self.context, self.marks)


def certificate_paper(case: Case, entry: Entry, output: str) -> Paper:
    """The certificate of an entry."""
    offer = offer_of(case.version_id)
    marks = Marks(
        unit=case.unit.name,
        moment=entry.versions.order_by("-version").values_list("at", flat=True)[0],
        qr=verification_address(entry),
        licence=licence_of(entry, offer),
        code=entry.code,
    )
    period = {"number": entry.number, "valid_from": entry.valid_from, "valid_to": entry.valid_to}
    shown = {**entry.data, "holder": entry.holder_name, **period}
    context = facts_of(case, offer) | {"entry": shown, "decision": _decision(case.pk)}
    return Paper(offer.outputs[output], context, marks)


def letter_paper(case: Case, cause: LedgerEntry) -> Paper | None:
    """The letter that an entry of the ledger calls for, if the type has one."""
    offer = offer_of(case.version_id)
    spec = offer.outputs.get(LETTERS.get(cause.verb, ""))
    if spec is None:
        return None
    notice = Notice.objects.filter(subject=case.pk, at__lte=cause.at).order_by("-at", "-pk").first()
    marks = Marks(unit=case.unit.name, moment=cause.at, qr=f"{settings.PUBLIC_ORIGIN}/track/")
    return Paper(spec, facts_of(case, offer) | _said(notice, case), marks)


def _said(notice: Notice | None, case: Case) -> dict[str, object]:
    body = notice.body if notice is not None else {}
    reasons = [text for text in (body.get("reason"), body.get("words")) if text]
    grounds = "期限内未告知补正，自收到之日起即为受理" if body.get("by_silence") else "申请材料齐全，符合法定形式"
    decision = {"officer": notice.name if notice else "", "grounds": grounds, "authority": body.get("authority", "")}
    corrections = [*body.get("items", []), *([body["words"]] if body.get("words") else [])]
    lists = {"reasons": reasons, "corrections": corrections, "materials": _handed_in(case)}
    return {"decision": decision, "lists": lists}


def _handed_in(case: Case) -> list[str]:
    """Names of what was handed in; what the platform itself wrote is no material."""
    files = case.subject.attachments.filter(removed=None, document=None).order_by("slot", "position")
    return [file.name for file in files]


def facts_of(case: Case, offer: Offer) -> dict[str, object]:
    """Everything a paper may name of form, case, party and unit."""
    contents = contents_of(case.pk).get(offer.form.key)
    unit, party, spec = case.unit, case.party, offer.spec
    return {
        "form": dict(contents.texts) if contents else {},
        "case": _case_facts(case, offer),
        "party": {"name": party.name if party else "", "id": "", "phone": ""},
        "unit": {"name": unit.name, "contact": unit.phone, "complaints": unit.phone},
        "item": spec.name,
    }


def _case_facts(case: Case, offer: Offer) -> dict[str, object]:
    spec, clocks = offer.spec, {clock.name: clock for clock in clocks_of(case.pk)}
    limits = {name: amount_text(limit.unit, limit.amount) for name, limit in spec.limits.items()}
    statutory = clocks.get("statutory")
    return {
        "number": case.number,
        "title": case.title,
        "item": spec.name,
        "received": case.received,
        "accepted": case.accepted,
        "agent": case.agent,
        "window": case.unit.name,
        "statutory": limits.get("statutory", ""),
        "promised": limits.get("promised", ""),
        "due": statutory.due if statutory else None,
        "fee": spec.fee_note,
        "reconsideration": spec.remedies.get("reconsideration", ""),
        "suit": spec.remedies.get("suit", ""),
        "remedy_laws": spec.remedies.get("laws", ""),
    }


def _decision(case: int) -> dict[str, object]:
    booking = QuotaEntry.objects.filter(case=case, kind=QuotaEntry.Type.BOOKING, reversed_by=None)
    source = booking.values_list("quota__source", flat=True).first() or ""
    return {"opinions": signed_opinions(case), "quota_number": source}


def signed_opinions(case: int) -> str:
    """Opinions of review, approval and signature as the certificate prints them."""
    rows = Opinion.objects.filter(subject=case, node__in=SIGNED).exclude(move="").order_by("at", "pk")
    latest = {row.node: row for row in rows}
    return "；".join(f"{row.step}：{row.text or row.label}（{row.name}）" for row in latest.values())


def verification_address(entry: Entry) -> str:
    """What the QR code opens: number and a tag that only this node can make."""
    return f"{settings.PUBLIC_ORIGIN}/v/{quote(entry.number)}/?t={verification_tag(entry)}"


def licence_of(entry: Entry, offer: Offer) -> str:
    """Electronic licence number 电子证照标识; empty until the administrator has set the code of the licence kind."""
    kind, issuer = offer.spec.codes.get("licence", ""), entry.issuer.credit_code
    if not kind or not issuer:
        return ""
    return licence_identifier(kind, issuer, f"{entry.pk:015d}", f"{entry.version:03d}")


def entry_of(case: int) -> Entry:
    """The entry in force that a case gave rise to, else the one it is about. Raises Entry.DoesNotExist."""
    rows = entries_of_case(case).filter(state=Entry.State.ISSUED)
    own = rows.select_related("issuer", "subject").order_by("-pk").first()
    about = own or entry_about(case)
    if about is None:
        raise Entry.DoesNotExist
    return about
