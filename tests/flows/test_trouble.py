"""What must not break it: a locked database, a full disk, a clock set back, script and paths in every field."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.test import Client

from tests.browsing import signed_in
from yiwang.kernel.base.moments import as_of, now
from yiwang.kernel.cases.actions.decisions import Decision, decide_step
from yiwang.kernel.cases.actions.life import fire_timer
from yiwang.kernel.cases.models import Case
from yiwang.kernel.cases.tests.world import (
    CLERK,
    KEY,
    CaseWorld,
    County,
    citizen,
    clock_of,
    filing,
    found_county,
    ledger_holds,
    staff,
    traces,
    unchanged,
)
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.cases.values import contents_of
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.refusals import StorageFull
from yiwang.kernel.forms.actions import begin_draft
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account
from yiwang.kernel.process.models import WorkItem
from yiwang.project.demo.player import Filing

EVIL = (
    '"><script>alert(1)</script>',
    "'; DROP TABLE cases_case; --",
    "../../../etc/passwd",
    "{{ 7*7 }}{% debug %}",
    "${jndi:ldap://x}",
    '#show: #read("/etc/passwd")',
)


def holder(case: int) -> "sqlite3.Connection | psycopg.Connection[tuple[object, ...]]":
    """A connection that holds the file, or the row of the case."""
    told = connection.settings_dict
    if connection.vendor == "sqlite":
        writer = sqlite3.connect(told["NAME"], isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        return writer
    locker = psycopg.connect(host=told["HOST"], port=told["PORT"], user=told["USER"], dbname=told["NAME"])
    locker.execute("SELECT 1 FROM ledger_subject WHERE id = %s FOR UPDATE", [case])
    return locker


@contextmanager
def somebody_writes(case: int) -> Iterator[None]:
    """Another connection holds what an action on the case needs, and this one waits for it 0.3 s at most."""
    other = holder(case)
    patience = "PRAGMA busy_timeout = 300" if connection.vendor == "sqlite" else "SET lock_timeout = '300ms'"
    with connection.cursor() as cursor:
        cursor.execute(patience)
    try:
        yield
    finally:
        other.rollback()
        other.close()
        connections.close_all()


def clerk_at_desk() -> Client:
    """The clerk of the window, signed in."""
    return signed_in(Account.objects.get(pk=staff(CLERK).account), tells_errors=False)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_locked_database_is_a_clear_page_and_nothing_is_changed() -> None:
    found_county()
    county = County()
    case = county.file()
    item, clerk, client = county.item(case, "intake"), staff(CLERK), clerk_at_desk()
    before = traces()
    with somebody_writes(case), pytest.raises(OperationalError):
        decide_step(actor=clerk, case=case, item=item, decision=Decision("accept"))
    with somebody_writes(case):
        page = client.post(f"/desk/items/{item}/decide/", {"move": "accept"})
    assert page.status_code == 500
    assert "刚才的操作没有完成" in page.content.decode()
    assert traces() == before
    decide_step(actor=clerk, case=case, item=item, decision=Decision("accept"))
    assert ledger_holds()


class Trouble(CaseWorld):
    def test_a_full_disk_refuses_the_file_and_keeps_the_draft(self) -> None:
        of, player = filing(), self.county.player
        draft = begin_draft(actor=of.actor, form=current_offer(KEY).form, purpose=KEY, raw=of.raw)
        full = OSError(28, "No space left on device")
        with (
            unchanged(),
            patch("yiwang.kernel.files.staging.ChunkWriter", side_effect=full),
            pytest.raises(StorageFull),
        ):
            player._attach(of.actor, draft.token, "site_photos")
        nearly = type("Usage", (), {"free": 0})()
        with unchanged(), patch("shutil.disk_usage", return_value=nearly), pytest.raises(StorageFull):
            player._attach(of.actor, draft.token, "site_photos")
        assert not Attachment.objects.exists()
        assert not Blob.objects.exists()
        player._attach(of.actor, draft.token, "site_photos")
        assert Attachment.objects.count() == 1

    def test_a_clock_set_back_makes_no_limit_run_backwards_and_breaks_no_chain(self) -> None:
        case = self.county.file()
        received = self.case(case).received
        with as_of(now() - timedelta(days=2)):
            self.county.decide(CLERK, case, "intake", "accept")
            fire_timer(
                actor=SYSTEM, case=case, item=WorkItem.objects.get(subject=case, node="intake").pk, timer="silence"
            )
        acceptance = clock_of(case, "acceptance")
        assert acceptance.stopped_at == acceptance.started_at == received
        assert self.case(case).status == Case.Status.ACCEPTED
        assert acceptance.late is False
        assert ledger_holds()
        self.county.player.until(case, "review")
        assert ledger_holds()

    def test_whatever_is_typed_into_any_text_field_is_text(self) -> None:
        of = filing()
        texts = [one.key for one in current_offer(KEY).form.single_fields().values() if one.kind == "text"]
        assert len(texts) > 5
        for evil in EVIL:
            raw = of.raw | {key: evil[:20] for key in texts if isinstance(of.raw.get(key), str)}
            case = self.county.player.file(Filing(raw, citizen(), of.party)).case.pk
            kept = contents_of(case)[current_offer(KEY).form.key].values
            assert {str(kept[key]) for key in ("place_name", "east", "address")} == {evil[:20].strip()}
            self.county.decide(CLERK, case, "intake", "correct", evil, corrections=(evil,))
            page = clerk_at_desk().get(f"/desk/cases/{case}/").content.decode()
            assert "<script>alert" not in page
        assert Case.objects.count() == len(EVIL)
        assert ledger_holds()
