"""The people of the access table, each at a browser, and for every address something that exists."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import browsing
from yiwang.kernel.base.moments import now, today
from yiwang.kernel.cases.tests.world import CHECKER, CLERK, COUNTY, KEY, OFFICER, REVIEWER, SIGNER, County, citizen
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.crypto.authority import EC, issue, make_root
from yiwang.kernel.files.models import Attachment
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.jobs.repeats import plan_repeats
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account, Holding, StaffImport, Unit
from yiwang.kernel.outputs.actions import NewSeal, keep_authority, open_seal
from yiwang.kernel.outputs.models import Seal
from yiwang.kernel.process.models import WorkItem
from yiwang.kernel.registers.models import Entry, Quota
from yiwang.sites.identity.models import SignIn

STAFF = {
    "clerk": CLERK,
    "field_officer": OFFICER,
    "checker": CHECKER,
    "reviewer": REVIEWER,
    "approver": "周启明",
    "signer": SIGNER,
    "other_county": "解秋阳",
    "city": "杨云舒",
    "province": "宁远山",
    "farm": "樊长林",
}
OFFICERS = ("system", "security", "audit")
ROLES = ("anonymous", "applicant", "other_citizen", *STAFF, *(f"{one}_officer" for one in OFFICERS))
SIGN_IN = ("/id/?", "/id/staff/?", "/id/second/", "/id/enrol/")


@dataclass(frozen=True)
class Things:
    """What the addresses point at: a case of the applicant at review with its files, and a draft of his."""

    case: int
    item: int
    file: int
    entry: int
    quota: int
    draft: str
    account: int
    sign_in: int
    unit: int
    person: int
    holding: int
    batch: int
    seal: int

    def named(self, name: str) -> dict[str, str | int]:
        """The words of an address."""
        return {
            "case": self.case,
            "item": self.item,
            "file": self.file,
            "attachment": self.file,
            "entry": self.entry,
            "quota": self.quota,
            "register": "felling_certificate",
            "seal": self.seal,
            "draft": self.draft,
            "token": self.draft,
            "account": self.account,
            "sign_in": self.sign_in,
            "unit": self.unit,
            "person": self.person,
            "holding": self.holding,
            "batch": self.batch,
            "key": "identity_paper" if name == "desk:material" else KEY,
            "slot": "survey_design",
            "step": "applicant",
            "number": "1",
            "what": "disable",
        }


def make_things() -> Things:
    """A case at review, a granted one, a draft of the applicant, and three officers, made through the actions."""
    plan_repeats()  # as a worker does at its start: the node is ready
    county = County()
    granted, case = county.at("deliver", 2), county.at("review")
    for kind in OFFICERS:
        Account.objects.create(username=f"{kind}_officer", officer=kind)
    applicant, clerk = account_of("applicant"), account_of("clerk")
    holding = Holding.objects.get(person__name=CLERK)
    batch = StaffImport.objects.create(name="staff.xlsx", by=Account.objects.get(officer="system").pk)
    draft = begin_draft(actor=citizen(), form=current_offer(KEY).form, purpose=KEY, raw={})
    return Things(
        case=case,
        item=WorkItem.objects.get(subject=case, state=WorkItem.State.OPEN).pk,
        file=Attachment.objects.filter(subject=case).earliest("pk").pk,
        entry=Entry.objects.get(source=granted).pk,
        quota=Quota.objects.earliest("pk").pk,
        draft=draft.token,
        account=clerk.pk,
        sign_in=SignIn.objects.create(account=applicant, session_key="of the applicant").pk,
        unit=holding.post.unit_id,
        person=holding.person_id,
        holding=holding.pk,
        batch=batch.pk,
        seal=official_seal(COUNTY).pk,
    )


def official_seal(name: str) -> Seal:
    """The official seal of a unit, under a root of its own."""
    unit, root = Unit.objects.get(name=name), make_root(name, EC, now())
    keep_authority(actor=SYSTEM, name=name, root=root)
    issued = issue(root, name, name, EC, now(), 5)
    return open_seal(actor=SYSTEM, new=NewSeal(unit.pk, "", name, today()), issued=issued)


def account_of(role: str) -> Account:
    """The account of a role."""
    if role in STAFF:
        return Account.objects.get(person__name=STAFF[role])
    return Account.objects.get(username={"applicant": "villager1", "other_citizen": "villager2"}.get(role, role))


def signed_in(role: str) -> str:
    """The session of a role; empty for anonymous."""
    if role == "anonymous":
        return ""
    return browsing.signed_in(account_of(role)).session.session_key or ""


def outcome(session: str, method: str, address: str) -> str:
    """What a browser with this session gets: the status, or `sign-in`; whatever the request did is taken back."""
    client = Client(raise_request_exception=False)
    if session:
        client.cookies[settings.SESSION_COOKIE_NAME] = session
    block = transaction.atomic()
    block.__dict__["_from_testcase"] = True  # actions are outermost in production: Django's own mark of a test's block
    with block:
        response = client.generic(method, address) if method == "GET" else client.post(address)
        transaction.set_rollback(True)
    is_door = response.status_code == 302 and str(response["Location"]).startswith(SIGN_IN)
    return "sign-in" if is_door else str(response.status_code)


def every_name(patterns: list[URLPattern | URLResolver] | None = None, space: str = "") -> Iterator[str]:
    """Every named address of the surfaces, from the resolver. Raises ValueError for one without a name."""
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            yield from every_name(one.url_patterns, one.namespace or space)
        elif not one.name:
            raise ValueError(f"the address {one.pattern} has no name")
        else:
            yield f"{space}:{one.name}"


def address_of(name: str, things: Things) -> str:
    """The address of a name for things that exist."""
    space, _colon, own = name.partition(":")
    words = get_resolver().namespace_dict[space][1].reverse_dict.getlist(own)[0][0][0][1]
    known = things.named(name)
    return reverse(name, kwargs={word: known[word] for word in words})
