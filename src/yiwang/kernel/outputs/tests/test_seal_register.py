"""The register of seals: when one may be used, who suspends it, what the ledger keeps of each use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from pytest_django import Settings

from yiwang.kernel.access.principals import of_unit
from yiwang.kernel.access.services import grant
from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.base.refusals import InvalidInput, NotFound, NotPermitted, Refusal
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.files.limits import Limits
from yiwang.kernel.files.models import Blob
from yiwang.kernel.files.services import open_stream
from yiwang.kernel.files.staging import stage, staging_folder
from yiwang.kernel.jobs.models import Job
from yiwang.kernel.jobs.registry import JobKind, only
from yiwang.kernel.jobs.services import Order
from yiwang.kernel.ledger.models import Entry, Subject
from yiwang.kernel.ledger.services import create_subject
from yiwang.kernel.ledger.verification import verify_chains
from yiwang.kernel.org.actions import UnitFacts, found_unit, open_post, take_on
from yiwang.kernel.org.actors import SYSTEM, Actor, HeldPost
from yiwang.kernel.org.models import Unit
from yiwang.kernel.outputs.actions import (
    NewSeal,
    destroy_seal,
    keep_authority,
    keep_document,
    open_seal,
    renew_certificate,
    resume_seal,
    suspend_seal,
)
from yiwang.kernel.outputs.definition import OutputSpec
from yiwang.kernel.outputs.models import Authority, Document, Seal, SealCertificate, SealUse
from yiwang.kernel.outputs.queries import latest_document, seals, uses_of, waiting
from yiwang.kernel.outputs.refusals import (
    SealDestroyed,
    SealExists,
    SealExpired,
    SealNotForPaper,
    SealNotForPost,
    SealStands,
    SealSuspended,
)
from yiwang.kernel.outputs.rules import Decided
from yiwang.kernel.outputs.sealing import sealed, use_for
from yiwang.kernel.outputs.services import Marks, Rendered, render
from yiwang.kernel.outputs.signatures import State, check
from yiwang.kernel.outputs.signers import key_context
from yiwang.kernel.outputs.tests.conftest import Facts
from yiwang.kernel.outputs.tests.sealing import Dead, certified, opened, root, unit

pytestmark = pytest.mark.django_db(transaction=True)
DECIDED = Decided(7, 0)
Outputs = dict[str, OutputSpec]


@pytest.fixture
def place() -> Unit:
    return unit()


@pytest.fixture
def subject(place: Unit) -> Subject:
    with transaction.atomic():
        made = create_subject("register:probe", unit=place.pk)
        grant(made, [of_unit(place.pk)], state=0, at=now())
    return made


@pytest.fixture
def rendered(outputs: Outputs, facts: Facts, marks: Marks) -> Rendered:
    return render(outputs["certificate"], facts, marks)


def holder(place: Unit, role: str, *, reach: int = 1, account: int = 5) -> Actor:
    post = open_post(actor=SYSTEM, unit=place.pk, role=role, name=role, reach=reach)
    held = HeldPost(post.pk, role, role, place.pk, place.name, place.path, reach)
    return Actor(account=account, name="某人", post=post.pk, person=account, posts=(held,))


def traces() -> tuple[object, ...]:
    states = list(Seal.objects.order_by("pk").values_list("pk", "state", "reason"))
    counts = [model.objects.count() for model in (Entry, Document, SealUse, SealCertificate, Blob, Job, Subject)]
    return (*states, *counts, *staging_folder().glob("*"))


@contextmanager
def refused(kind: type[Refusal]) -> Iterator[None]:
    """Refused by this name, and nothing changed."""
    before = traces()
    with pytest.raises(kind):
        yield
    assert traces() == before


def kept(subject: Subject, rendered: Rendered, place: Unit, spec: OutputSpec) -> Document:
    made = sealed(rendered, use_for(place.pk, spec, DECIDED))
    staged = stage([made.rendered.pdf], Limits())
    return keep_document(
        actor=SYSTEM, subject=subject.pk, rendered=made.rendered, staged=staged, slot="x", use=made.use
    )


def test_every_use_is_logged_with_document_digest_and_who_decided(
    place: Unit, subject: Subject, rendered: Rendered, outputs: Outputs
) -> None:
    seal = opened(place)
    document = kept(subject, rendered, place, outputs["certificate"])
    assert document.signature == Document.Signature.SIGNED
    assert document.sha256 != rendered.sha256
    (use,) = uses_of(seal.pk)
    assert (use.document, use.sha256, use.decided_by) == (document, document.sha256, 7)
    entry = Entry.objects.filter(subject=seal.pk).latest("seq")
    assert entry.verb == "seal.used"
    assert entry.facts["sha256"] == document.sha256
    assert (entry.facts["document"], entry.facts["of"]) == (document.pk, subject.pk)
    assert (entry.facts["decided_by"], entry.facts["decided_post"]) == (7, 0)
    assert entry.facts["certificate"] == use.certificate.serial
    assert list(verify_chains()) == []
    with open_stream(document.attachment.blob) as file:
        assert check(file.read()).state is State.VALID


def test_made_twice_is_sealed_once(place: Unit, subject: Subject, rendered: Rendered, outputs: Outputs) -> None:
    opened(place)
    first, again = (kept(subject, rendered, place, outputs["certificate"]) for _turn in range(2))
    assert first.pk == again.pk
    assert (SealUse.objects.count(), Document.objects.count(), Blob.objects.count()) == (1, 1, 1)


def test_a_suspended_seal_is_refused_before_anything_is_drawn(
    place: Unit, outputs: Outputs, subject: Subject, rendered: Rendered
) -> None:
    seal = opened(place)
    made = sealed(rendered, use_for(place.pk, outputs["certificate"], DECIDED))
    suspend_seal(actor=SYSTEM, seal=seal.pk, reason="印章遗失")
    with refused(SealSuspended):
        use_for(place.pk, outputs["certificate"], DECIDED)
    before = traces()
    staged = stage([made.rendered.pdf], Limits())
    with pytest.raises(SealSuspended):  # suspended while it was drawn: the signed paper is thrown away
        keep_document(actor=SYSTEM, subject=subject.pk, rendered=made.rendered, staged=staged, slot="x", use=made.use)
    assert (traces()[1:-1], Document.objects.count()) == (before[1:-1], 0)
    resume_seal(actor=SYSTEM, seal=seal.pk, reason="找到了")
    assert use_for(place.pk, outputs["certificate"], DECIDED) is not None


def test_an_expired_or_early_seal_is_refused(place: Unit, outputs: Outputs) -> None:
    seal = opened(place, valid_to=today() + timedelta(days=10))
    with as_of(now() + timedelta(days=11)), refused(SealExpired):
        use_for(place.pk, outputs["certificate"], DECIDED)
    with as_of(now() - timedelta(days=1)), refused(SealExpired):
        use_for(place.pk, outputs["certificate"], DECIDED)
    Seal.objects.filter(pk=seal.pk).update(valid_to=None)
    with as_of(now() + timedelta(days=365 * 5)), refused(SealExpired):
        use_for(place.pk, outputs["certificate"], DECIDED)
    renew_certificate(actor=SYSTEM, seal=seal.pk, issued=certified(years=20, number=2))
    with as_of(now() + timedelta(days=365 * 5)):
        assert use_for(place.pk, outputs["certificate"], DECIDED) is not None


def test_papers_and_posts_of_the_register_bind(place: Unit, outputs: Outputs) -> None:
    signer, clerk = holder(place, "signer"), holder(place, "clerk")
    opened(place, papers=("certificate",), roles=("signer",))
    spec = outputs["certificate"]
    assert use_for(place.pk, spec, Decided(5, signer.post)) is not None
    with refused(SealNotForPaper):
        use_for(place.pk, replace(spec, key="other"), Decided(5, signer.post))
    for post in (clerk.post, 0, 10**9):
        with refused(SealNotForPost):
            use_for(place.pk, spec, Decided(5, post))


def test_papers_without_a_seal_and_units_without_a_register_go_unsigned(
    place: Unit, outputs: Outputs, rendered: Rendered
) -> None:
    assert use_for(place.pk, outputs["certificate"], DECIDED) is None
    opened(place)
    assert use_for(place.pk, replace(outputs["certificate"], seal=None), DECIDED) is None
    assert use_for(place.pk, outputs["receipt"], DECIDED) is None
    assert sealed(rendered, None).rendered is rendered


def test_a_signer_that_is_down_leaves_the_paper_waiting_and_the_next_try_signs_it(
    place: Unit, subject: Subject, rendered: Rendered, outputs: Outputs, settings: Settings
) -> None:
    opened(place)
    reader = holder(place, "reader")
    settings.SEAL_SIGNER = f"{Dead.__module__}.Dead"
    made = sealed(rendered, use_for(place.pk, outputs["certificate"], DECIDED))
    assert (made.is_waiting, made.use, made.rendered) == (True, None, rendered)
    with only(JobKind("probe.again", print)):
        for _turn in range(2):
            again = Order("probe.again", ref=1, unique_key="probe:1")
            staged = stage([rendered.pdf], Limits())
            keep_document(actor=SYSTEM, subject=subject.pk, rendered=rendered, staged=staged, slot="x", again=again)
        assert Job.objects.filter(kind="probe.again").count() == 1
    assert [row.version for row in waiting(reader)] == [1]
    assert (SealUse.objects.count(), Document.objects.count()) == (0, 1)
    settings.SEAL_SIGNER = "yiwang.kernel.outputs.signers.OwnSigner"
    document = kept(subject, rendered, place, outputs["certificate"])
    assert (document.version, document.signature) == (2, Document.Signature.SIGNED)
    assert latest_document(subject.pk, "certificate") == document
    assert not waiting(reader).exists()
    assert SealUse.objects.count() == 1


Move = Callable[..., Entry]


@pytest.mark.parametrize("move", [suspend_seal, resume_seal, destroy_seal])
def test_moves_are_the_keepers_with_a_reason_and_in_order(place: Unit, move: Move) -> None:
    seal = opened(place)
    keeper, reader = holder(place, "seal_keeper", account=6), holder(place, "reader")
    with refused(NotFound):
        move(actor=Actor(account=9, name="外人"), seal=seal.pk, reason="x")
    with refused(NotPermitted):
        move(actor=reader, seal=seal.pk, reason="x")
    with refused(NotFound):
        move(actor=keeper, seal=10**9, reason="x")
    with refused(InvalidInput):
        move(actor=keeper, seal=seal.pk, reason="  ")
    if move is not suspend_seal:
        with refused(SealStands):
            move(actor=keeper, seal=seal.pk, reason="x")
        suspend_seal(actor=keeper, seal=seal.pk, reason="x")
    entry = move(actor=keeper, seal=seal.pk, reason="长" * 500)
    assert entry.author == 6
    assert len(str(entry.facts["reason"])) == 200
    with refused(SealStands):
        move(actor=keeper, seal=seal.pk, reason="again")


def test_keepers_serve_their_unit_its_sections_and_those_below_but_none_above(place: Unit) -> None:
    facts = UnitFacts("下级", "下级", Unit.Type.BUREAU, 5)
    below = found_unit(actor=SYSTEM, facts=facts, parent=place.pk, node=place.node_id)
    office = found_unit(actor=SYSTEM, facts=replace(facts, kind=Unit.Type.SECTION), parent=place.pk, node=place.node_id)
    top, lower = holder(place, "seal_keeper", reach=0), holder(below, "seal_keeper", reach=0)
    inner = holder(office, "seal_keeper", reach=0)
    above, under = opened(place), opened(below, issued=certified(number=6))
    assert [{row.pk for row in seals(one)} for one in (top, lower, inner)] == [
        {above.pk, under.pk},
        {under.pk},
        {above.pk},
    ]
    with refused(NotFound):
        suspend_seal(actor=lower, seal=above.pk, reason="x")
    suspend_seal(actor=inner, seal=above.pk, reason="x")
    suspend_seal(actor=top, seal=under.pk, reason="x")


def test_the_named_keeper_keeps_his_seal_and_no_other(place: Unit) -> None:
    person = take_on(actor=SYSTEM, name="保管人").pk
    seal = opened(place, keeper=person)
    other = open_seal(actor=SYSTEM, new=NewSeal(place.pk, "专用章", "x", today()), issued=certified(number=3))
    keeper = Actor(account=6, name="保管人", person=person)
    assert [row.pk for row in seals(keeper)] == [seal.pk]
    suspend_seal(actor=keeper, seal=seal.pk, reason="x")
    with refused(NotFound):
        suspend_seal(actor=keeper, seal=other.pk, reason="x")


def test_a_destroyed_seal_stays_destroyed_until_the_unit_has_another(place: Unit, outputs: Outputs) -> None:
    seal = opened(place)
    with refused(SealExists):
        opened(place, issued=certified(number=4))
    suspend_seal(actor=SYSTEM, seal=seal.pk, reason="机构改革")
    destroy_seal(actor=SYSTEM, seal=seal.pk, reason="机构改革")
    with refused(SealDestroyed):
        use_for(place.pk, outputs["certificate"], DECIDED)
    with refused(SealStands):
        renew_certificate(actor=SYSTEM, seal=seal.pk, issued=certified(number=5))
    call_command("make_authority", kind="ec-p256", stdout=StringIO())
    assert Seal.objects.filter(unit=place, line="").count() == 1
    call_command("make_authority", kind="ec-p256", unit=[place.pk], stdout=StringIO())
    assert use_for(place.pk, outputs["certificate"], DECIDED) is not None


def test_only_the_platform_opens_seals(place: Unit) -> None:
    officer = holder(place, "seal_keeper")
    new = NewSeal(place.pk, "", "x", today())
    with refused(NotPermitted):
        keep_authority(actor=officer, name="x", root=root())
    with refused(NotPermitted):
        open_seal(actor=officer, new=new, issued=certified())
    with refused(NotFound):
        open_seal(actor=SYSTEM, new=replace(new, unit=10**9), issued=certified())
    for wrong in (replace(new, name=" "), replace(new, valid_to=today() - timedelta(days=1))):
        with refused(InvalidInput):
            open_seal(actor=SYSTEM, new=wrong, issued=certified())


def test_the_command_makes_root_and_seals_once_and_renews_in_time(place: Unit) -> None:
    call_command("make_authority", kind="ec-p256", stdout=StringIO())
    lines = list(Seal.objects.filter(unit=place).order_by("line").values_list("line", flat=True))
    assert lines[0] == ""
    assert len(lines) > 1
    before = traces()
    call_command("make_authority", kind="ec-p256", stdout=StringIO())
    assert traces() == before
    authority = Authority.objects.get()
    with as_of(now() + timedelta(days=365 * 5 - 30)):
        call_command("make_authority", kind="ec-p256", stdout=StringIO())
    assert SealCertificate.objects.filter(seal__unit=place).count() == 2 * len(lines)
    assert Authority.objects.get() == authority


def test_private_keys_lie_sealed_under_their_own_name(place: Unit) -> None:
    issued = certified()
    seal = opened(place, issued=issued)
    row = SealCertificate.objects.get(seal=seal)
    assert issued.key not in bytes(row.key)
    assert keyring().unseal(bytes(row.key), key_context(row.serial)) == issued.key
