"""Pages of the administration: who gets them, how many queries they take, what they do and refuse."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from openpyxl import Workbook
from pytest_django.fixtures import Settings

from tests.queries import CountQueries
from yiwang.kernel.base.moments import now, today
from yiwang.kernel.clock.models import Day, Year
from yiwang.kernel.jobs.beats import beat
from yiwang.kernel.jobs.models import Beat, Job
from yiwang.kernel.ledger.models import AccessEntry, Entry
from yiwang.kernel.org.models import Account, Holding, Person, StaffImport, Unit
from yiwang.sites.administration.sheets import template
from yiwang.sites.administration.tests.conftest import Browse, Bureau
from yiwang.sites.identity.models import SignIn

Answer = Any  # Django's test response: a response with `context`, private in its stubs
PAGES = ("/admin/", "/admin/?unit=1&person=1", "/admin/?q=陈", "/admin/?unit=none", "/admin/health/", "/admin/changes/")
MORE = ("/admin/calendar/", "/admin/imports/", "/admin/people/new/", "/admin/seek/?q=陈")
NOTICE = "\n".join(
    [
        "日期,安排,名称",
        *(f"2027-01-0{n},休,元旦" for n in (1, 2, 3)),
        *(f"2027-02-{n:02},休,春节" for n in range(5, 12)),
        "2027-04-05,休,清明节",
        *(f"2027-05-0{n},休,劳动节" for n in (1, 2)),
        "2027-06-09,休,端午节",
        "2027-09-15,休,中秋节",
        *(f"2027-10-0{n},休,国庆节" for n in (1, 2, 3)),
        "2027-02-20,班,春节调休",
    ]
)


def text(answer: Answer) -> str:
    """The page as read."""
    content: str = answer.content.decode()
    return content


class TestReach:
    @pytest.mark.parametrize("page", [*PAGES, *MORE])
    def test_a_page_takes_at_most_ten_queries(
        self, bureau: Bureau, browse: Browse, count_queries: CountQueries, settings: Settings, page: str
    ) -> None:
        settings.DIRECTORY_REFRESH = settings.CALENDAR_REFRESH = 60  # as in a running node
        client = browse("system")
        page = page.replace("unit=1", f"unit={bureau.unit.pk}").replace("person=1", f"person={bureau.person.pk}")
        client.get(page)
        with count_queries() as queries:
            answer = client.get(page)
        assert answer.status_code == 200
        assert queries.count <= 10, str(queries)

    def test_staff_are_refused_and_strangers_sent_to_the_door(
        self, bureau: Bureau, browse: Browse, client: Any
    ) -> None:
        for page in (*PAGES, *MORE):
            assert browse("chen").get(page).status_code == 403
            assert client.get(page)["Location"].startswith("/id/staff/?next=")

    def test_the_audit_officer_reads_changes_and_nothing_else(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("audit")
        assert "任命" in text(client.get("/admin/changes/"))
        assert {client.get(page).status_code for page in (*PAGES[:5], *MORE)} == {403}

    def test_the_security_officer_sees_all_and_changes_nothing(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("security")
        assert "只有系统管理员可以改" in text(client.get(f"/admin/units/{bureau.unit.pk}/"))
        before = Entry.objects.count()
        answer = client.post("/admin/people/new/", {"name": "某人"})
        assert (answer.status_code, Person.objects.count(), Entry.objects.count()) == (403, 2, before)
        assert AccessEntry.objects.latest("pk").facts["code"] == "NotSystemOfficer"

    def test_each_officer_lands_where_his_work_is(self, bureau: Bureau, browse: Browse) -> None:
        for who, home in {"system": "/admin/", "security": "/id/officer/", "audit": "/admin/changes/"}.items():
            assert browse(who).get("/id/staff/")["Location"] == home


class TestOrganisation:
    def test_tree_table_and_panel_show_what_there_is(self, bureau: Bureau, browse: Browse) -> None:
        account = Account.objects.get(username="chen")
        SignIn.objects.create(account=account, session_key="k")
        page = text(browse("system").get(f"/admin/?unit={bureau.unit.pk}&person={bureau.person.pk}"))
        assert all(words in page for words in ("青山县林业局", "陈雨晴", "QS1", "审查岗", "没有账号", "任命岗位"))
        assert f"{now():%Y}" in page

    def test_a_unit_is_set_up_changed_and_closed_without_script(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        facts = {"name": "造林股", "short_name": "造林股", "kind": "section", "level": "4"}
        client.post(f"/admin/units/new/?parent={bureau.unit.pk}", facts)
        unit = Unit.objects.get(name="造林股")
        assert unit.path.startswith(bureau.unit.path)
        client.post(f"/admin/units/{unit.pk}/", {**facts, "name": "造林绿化股"})
        client.post(f"/admin/units/{unit.pk}/posts/", {"name": "经办岗", "role": "clerk", "reach": "0"})
        assert Unit.objects.get(pk=unit.pk).posts.get().role == "clerk"
        client.post(f"/admin/units/{unit.pk}/close/", {"reason": "机构改革"})
        assert not Unit.objects.get(pk=unit.pk).is_active
        page = text(client.get("/admin/changes/"))
        assert all(words in page for words in ("造林股 → 造林绿化股", "撤销单位", "理由 机构改革", "system"))

    def test_a_unit_with_people_is_not_closed_and_the_page_says_why(self, bureau: Bureau, browse: Browse) -> None:
        answer = browse("system").post(f"/admin/units/{bureau.unit.pk}/close/", {"reason": "机构改革"})
        assert (answer.status_code, Unit.objects.get(pk=bureau.unit.pk).is_active) == (409, True)
        assert "任职 2 个" in text(answer)
        assert "机构改革" in text(answer)

    def test_a_person_is_added_appointed_and_let_go(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        client.post("/admin/people/new/", {"name": "吴晓兰", "staff_number": "QS9"})
        person = Person.objects.get(staff_number="QS9")
        assert "吴晓兰" in text(client.get("/admin/?unit=none"))
        client.post(f"/admin/people/{person.pk}/posts/", {"post": bureau.post.pk, "since": f"{today()}"})
        holding = Holding.objects.get(person=person)
        gone = {"until": f"{today() + timedelta(days=3)}", "successor": bureau.person.pk, "reason": "调离"}
        client.post(f"/admin/holdings/{holding.pk}/", gone)
        assert Holding.objects.get(pk=holding.pk).successor_id == bureau.person.pk
        assert "任到" in text(client.get(f"/admin/?unit={bureau.unit.pk}"))

    @pytest.mark.parametrize(
        "typed",
        [
            {"name": ""},
            {"name": "x" * 5000},
            {"name": "某", "staff_number": "QS1"},
            {"name": "某", "certificate_until": "2026-13-45"},
            {"name": "某\x00"},
        ],
    )
    def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
        self, bureau: Bureau, browse: Browse, typed: dict[str, str]
    ) -> None:
        answer = browse("system").post("/admin/people/new/", {"certificate": "赣0001", **typed})
        assert (answer.status_code, Person.objects.count()) == (400, 2)
        assert "赣0001" in text(answer)
        assert "field-error" in text(answer)

    @pytest.mark.parametrize(
        "path",
        [
            "units/999999/",
            "units/999999/close/",
            "units/999999/posts/",
            "people/999999/",
            "people/999999/posts/",
            "holdings/999999/",
            "imports/999999/",
        ],
    )
    def test_what_is_not_there_is_not_found(self, bureau: Bureau, browse: Browse, path: str) -> None:
        client = browse("system")
        assert client.get(f"/admin/{path}").status_code == 404

    @pytest.mark.parametrize("asked", ["unit=x", "unit=99999999999999999999", "person=-1", "q=%00", "q=" + "长" * 500])
    def test_an_address_typed_wrong_shows_the_page(self, bureau: Bureau, browse: Browse, asked: str) -> None:
        assert browse("system").get(f"/admin/?{asked}").status_code == 200


def dead(kind: str = "t.work", error: str = "yiwang.kernel.outputs.refusals.FontsMissing: x") -> Job:
    """A job on the dead list."""
    moment = now()
    return Job.objects.create(queue="default", kind=kind, due=moment, state=Job.State.DEAD, error=error, tries=8)


class TestHealth:
    def test_a_worker_that_is_silent_and_jobs_that_wait_are_told(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        assert "一天以上没有心跳" in text(client.get("/admin/health/"))
        beat("w")
        assert "正在工作" in text(client.get("/admin/health/"))
        Beat.objects.update(at=now() - timedelta(minutes=5))
        Job.objects.create(queue="default", kind="clock.recount", due=now() - timedelta(hours=3), args={})
        page = text(client.get("/admin/health/"))
        assert "5 分钟没有心跳" in page
        assert "已等 3 小时" in page
        assert "积压了" in page

    def test_beats_of_yesterday_are_forgotten(self, bureau: Bureau) -> None:
        beat("old")
        Beat.objects.update(at=now() - timedelta(days=2))
        beat("new")
        beat("new")
        assert list(Beat.objects.values_list("name", flat=True)) == ["new"]

    def test_the_coming_year_is_asked_for_from_november_on(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        with time_machine.travel("2027-10-31T04:00:00Z", tick=False):
            assert "2028 年的放假安排" not in text(browse("system").get("/admin/health/"))
        with time_machine.travel("2027-11-01T04:00:00Z", tick=False):
            assert "2028 年的放假安排" in text(browse("system").get("/admin/health/"))
        assert client.get("/admin/health/").status_code == 200

    def test_dead_jobs_tell_their_cause_and_are_tried_again(self, bureau: Bureau, browse: Browse) -> None:
        client, job = browse("system"), dead("clock.recount")
        page = text(client.get("/admin/health/"))
        assert "没有中文字体。装好字体再重试。" in page
        assert "重算期限" in page
        client.post("/admin/health/retry/", {"job": job.pk})
        assert Job.objects.get(kind="clock.recount").state == Job.State.WAITING
        assert AccessEntry.objects.latest("pk").verb == "jobs.retried"

    def test_discarding_needs_a_reason_and_is_logged(self, bureau: Bureau, browse: Browse) -> None:
        client, job = browse("system"), dead()
        assert client.post("/admin/health/discard/", {"job": job.pk}).status_code == 400
        assert client.post("/admin/health/discard/", {"reason": "重复"}).status_code == 400
        assert browse("security").post("/admin/health/discard/", {"job": job.pk, "reason": "重复"}).status_code == 403
        assert Job.objects.filter(pk=job.pk).exists()
        client.post("/admin/health/discard/", {"job": job.pk, "reason": "重复的"})
        assert not Job.objects.filter(pk=job.pk).exists()
        assert AccessEntry.objects.latest("pk").facts == {"jobs": ["t.work:None"], "count": 1, "reason": "重复的"}


class TestTelephones:
    def test_it_is_shown_to_the_system_officer_only_and_that_is_logged(self, bureau: Bureau, browse: Browse) -> None:
        Person.objects.filter(pk=bureau.person.pk).update(phone="13800002607")
        path = f"/admin/people/{bureau.person.pk}/"
        assert "13800002607" not in text(browse("security").get(path))
        assert not AccessEntry.objects.filter(verb="person.phone_seen").exists()
        assert "13800002607" in text(browse("system").get(path))
        assert AccessEntry.objects.get(verb="person.phone_seen").facts == {"person": bureau.person.pk}


class TestCalendar:
    def test_a_year_is_previewed_then_taken(self, bureau: Bureau, browse: Browse) -> None:
        call_command("load_calendar", "--packaged", verbosity=0)
        client, typed = browse("system"), {"year": "2027", "source": "国办发明电〔2026〕7号", "text": NOTICE}
        answer = client.post("/admin/calendar/load/", typed)
        assert answer.status_code == 200
        assert "2027-02-20" in text(answer)
        assert not Year.objects.filter(year=2027).exists()
        assert client.post("/admin/calendar/load/", {**typed, "do": "take"}).status_code == 302
        assert Year.objects.get(year=2027).source == "国办发明电〔2026〕7号"
        assert Day.objects.get(date="2027-02-20").is_work
        assert "2027 年的放假安排还没有装入" not in text(client.get("/admin/calendar/?year=2027"))

    @pytest.mark.parametrize("do", ["", "take"])
    @pytest.mark.parametrize(
        "wrong", [NOTICE.replace("元旦", ""), "x", "", "2027-01-01,休\n" * 3, NOTICE + "\n2027-02-22,班,春节"]
    )
    def test_a_wrong_arrangement_names_its_lines_and_is_not_taken(
        self, bureau: Bureau, browse: Browse, wrong: str, do: str
    ) -> None:
        typed = {"year": "2027", "source": "国办", "text": wrong, "do": do}
        answer = browse("system").post("/admin/calendar/load/", typed)
        assert (answer.status_code, Year.objects.filter(year=2027).exists()) == (400, False)
        assert "field-error" in text(answer)

    def test_a_file_that_is_no_text_is_refused(self, bureau: Bureau, browse: Browse) -> None:
        file = SimpleUploadedFile("x.csv", b"\xff\xfe\x00\x81" * 40)
        answer = browse("system").post("/admin/calendar/load/", {"year": "2027", "source": "国办", "file": file})
        assert answer.status_code == 400

    def test_one_day_is_put_right_with_its_source(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        day = {"d-day": "2026-12-31", "d-is_work": "0", "d-name": "省庆", "d-source": "赣府厅字〔2026〕9号"}
        assert client.post("/admin/calendar/day/", {**day, "d-source": ""}).status_code == 400
        assert browse("security").post("/admin/calendar/day/", day).status_code == 403
        assert not Day.objects.filter(name="省庆").exists()
        client.post("/admin/calendar/day/", day)
        assert not Day.objects.get(name="省庆").is_work
        assert "省庆" in text(client.get("/admin/calendar/?year=2026"))


def table(*rows: tuple[object, ...], head: tuple[str, ...] = ("工号", "姓名", "单位", "岗位", "任职日期")) -> bytes:
    """A table as somebody would fill it in."""
    book = Workbook()
    book.active.append(head)
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb() -> bytes:
    """A table that unfolds to forty megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"<x>" + b" " * (40 << 20))
    return out.getvalue()


def with_entities() -> bytes:
    """A table whose workbook declares an entity."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(table())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            head = b'<!DOCTYPE x [<!ENTITY a "b">]>' if name == "xl/workbook.xml" else b""
            new.writestr(name, head + old.read(name))
    return out.getvalue()


class TestImport:
    def upload(self, client: Any, content: bytes, name: str = "人员.xlsx") -> Answer:
        """Send a file."""
        return client.post("/admin/imports/", {"file": SimpleUploadedFile(name, content)})

    def test_a_table_is_previewed_taken_and_undone(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        filled = table(("QS1", "陈雨晴", "县林业局", "审查岗", None), (2026.0, "新人", "县林业局", "审查岗", today()))
        page = client.get(self.upload(client, filled)["Location"])
        assert "新增 1 行，有变 0 行，不变 1 行，有错 0 行" in text(page)
        batch = StaffImport.objects.get()
        assert Person.objects.count() == 2
        client.post(f"/admin/imports/{batch.pk}/take/")
        assert Person.objects.get(staff_number="2026").holdings.get().post_id == bureau.post.pk
        assert client.post(f"/admin/imports/{batch.pk}/undo/", {"reason": ""}).status_code == 400
        client.post(f"/admin/imports/{batch.pk}/undo/", {"reason": "传错了"})
        assert Person.objects.count() == 2
        assert "撤销导入" in text(client.get("/admin/changes/"))

    def test_wrong_lines_are_named_and_the_good_ones_may_be_taken(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        page = client.get(
            self.upload(client, table(("A", "甲", "没有局", "岗", None), ("B", "乙", "", "", None)))["Location"]
        )
        assert "没有这个单位，或者已经撤销" in text(page)
        take = f"/admin/imports/{StaffImport.objects.get().pk}/take/"
        assert client.post(take).status_code == 400
        assert Person.objects.count() == 2
        client.post(take, {"only": "good"})
        assert Person.objects.filter(staff_number="B").exists()

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"PK\x03\x04",
            b"not a table",
            table()[:400],
            bomb(),
            with_entities(),
            table(("1",), head=("甲", "乙")),
            table(),
            table(*((str(n), "甲", "", "", None) for n in range(1001))),
            b"x" * (3 << 20),
        ],
    )
    def test_what_is_no_table_is_refused_and_leaves_nothing(
        self, bureau: Bureau, browse: Browse, content: bytes
    ) -> None:
        answer = self.upload(browse("system"), content)
        assert answer.status_code >= 400
        assert answer.status_code < 500
        assert not StaffImport.objects.exists()

    def test_the_template_is_read_back(self, bureau: Bureau, browse: Browse) -> None:
        client = browse("system")
        answer = client.get("/admin/imports/template/")
        assert answer.content[:2] == b"PK"
        assert self.upload(client, answer.content).status_code == 302
        assert template(["a"], ["b"])[:2] == b"PK"

    def test_a_draft_is_its_makers_own(self, bureau: Bureau, browse: Browse) -> None:
        self.upload(browse("system"), table(("A", "甲", "", "", None)))
        other = browse("security")
        batch = StaffImport.objects.get()
        assert other.get(f"/admin/imports/{batch.pk}/").status_code == 404
        assert other.post(f"/admin/imports/{batch.pk}/take/").status_code == 403
        assert self.upload(other, table(("B", "乙", "", "", None))).status_code == 403
        assert StaffImport.objects.get().pk == batch.pk
