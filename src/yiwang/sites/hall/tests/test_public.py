"""What strangers see: home, items, guide, samples, fixed pages, elder mode, language, policy, errors."""

from decimal import Decimal

from django.test import Client, override_settings

from yiwang.kernel.cases.models import CaseType
from yiwang.kernel.cases.tests.world import KEY
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.ledger.models import AccessEntry
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Unit
from yiwang.kernel.registers.actions import NewQuota, set_quota
from yiwang.sites.hall.queries.flow import plan_of
from yiwang.sites.hall.queries.offers import search
from yiwang.sites.hall.tests.world import HallCase

PAGES = ("/", "/items/", f"/items/{KEY}/", "/track/", "/verify/", "/help/", "/accessibility/", "/privacy/")


class Public(HallCase):
    def test_every_page_answers_with_a_strict_policy_and_nothing_inline(self) -> None:
        for address in PAGES:
            answer = self.stranger.get(address)
            assert answer.status_code == 200, address
            assert "unsafe" not in answer["Content-Security-Policy"]
            text = answer.content.decode()
            assert " style=" not in text
            assert "<script>" not in text
            assert "http://" not in text.replace("http://www.w3.org", "")

    def test_home_counts_real_cases(self) -> None:
        assert self.figure("正在办理") == "0"
        self.apply()
        self.setUp()
        assert self.figure("正在办理") == "1"

    def figure(self, name: str) -> str:
        text = self.stranger.get("/").content.decode()
        return text.split(f"<dt>{name}</dt><dd>", 1)[1].split("<", 1)[0]

    def test_without_items_the_home_says_what_to_do(self) -> None:
        CaseType.objects.update(is_offered=False)
        text = self.stranger.get("/").content.decode()
        assert "还没有可以办的事项" in text
        assert self.stranger.get(f"/items/{KEY}/").status_code == 409

    def test_the_guide_says_what_the_definition_says(self) -> None:
        spec = current_offer(KEY).spec
        text = self.stranger.get(f"/items/{KEY}/").content.decode()
        for words in (*spec.needed, *spec.not_needed, *spec.bars, spec.who, spec.faq[0].question):
            assert words in text
        assert "10 个工作日" in text
        assert "法定 20 个工作日" in text
        for one in current_offer(KEY).form.single_fields().values():
            if one.slot is not None:
                assert one.bare_label in text

    def test_the_flow_is_drawn_twice_with_every_step_of_the_applicants_interest(self) -> None:
        graph = current_offer(KEY).graph
        text = self.stranger.get(f"/items/{KEY}/").content.decode()
        for node in graph.nodes.values():
            if node.task is not None:
                assert text.count(f">{node.label}</text>") == 2

    def test_the_plan_puts_nothing_on_top_of_anything_and_runs_forward(self) -> None:
        plan = plan_of(current_offer(KEY).graph)
        places = [(plan.ranks[node], plan.lanes[node]) for node in plan.ranks]
        assert len(set(places)) == len(places)
        for source, target in plan.edges:
            if (source, target) not in plan.back and plan.ranks[source] != plan.ranks[target]:
                assert plan.ranks[source] < plan.ranks[target]

    def test_quota_and_counters_of_the_chosen_county(self) -> None:
        unit = Unit.objects.get(name="崇义县林业局")
        set_quota(actor=SYSTEM, new=NewQuota("felling_volume", unit.pk, 2026, Decimal("31240.5"), "测试下达"))
        with_county = self.stranger.get(f"/items/{KEY}/?at=360725").content.decode()
        assert "31,240.5" in with_county
        assert "横水镇林业工作站" in with_county
        assert "崇义县林业局" in with_county
        assert "31,240.5" not in self.stranger.get(f"/items/{KEY}/?at=360724").content.decode()

    def test_search_finds_by_the_words_people_use(self) -> None:
        for query in ("砍自家的杉木要办什么证", "采伐", "砍树", "木头拉走要运输证吗"):
            assert [item.key for item in search(query)] == [KEY], query
        assert search("离婚登记") == []
        assert "没有找到" in self.stranger.get("/items/?q=离婚登记").content.decode()

    def test_script_and_quotes_in_the_query_come_back_as_text(self) -> None:
        text = self.stranger.get("/items/", {"q": '"><script>alert(1)</script>'}).content.decode()
        assert "<script>alert" not in text

    def test_samples_are_shown_and_others_are_not_found(self) -> None:
        assert "授权委托书" in self.stranger.get(f"/items/{KEY}/samples/proxy/").content.decode()
        assert self.stranger.get(f"/items/{KEY}/samples/age/").status_code == 404
        assert self.stranger.get(f"/items/{KEY}/samples/..%2f..%2ftype/").status_code == 404

    def test_elder_mode_is_a_link_that_sets_a_cookie_and_comes_back(self) -> None:
        answer = self.stranger.get("/ui/elder/?on=1&next=/items/")
        assert answer["Location"] == "/items/"
        assert "data-elder" in self.stranger.get("/items/").content.decode().split("<head>")[0]
        self.stranger.get("/ui/elder/?on=0&next=/")
        assert "data-elder" not in self.stranger.get("/").content.decode().split("<head>")[0]
        assert self.stranger.get("/ui/elder/?on=1&next=https://evil.example/")["Location"] == "/"

    def test_language_is_a_form_that_needs_no_script(self) -> None:
        answer = self.stranger.post("/ui/language/", {"language": "en", "next": "/help/"})
        assert answer["Location"] == "/help/"
        assert '<html lang="en"' in self.stranger.get("/help/").content.decode()

    def test_unknown_addresses_get_a_page_in_the_same_look(self) -> None:
        answer = self.stranger.get("/nowhere/")
        assert answer.status_code == 404
        assert "没有找到这一页" in answer.content.decode()
        assert "yw-top" in answer.content.decode()

    def test_a_form_without_its_token_is_refused_in_words(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        answer = strict.post("/track/", {"number": "1", "code": "2"})
        assert answer.status_code == 403
        assert "请再提交一次" in answer.content.decode()

    @override_settings(DEBUG=False)
    def test_an_error_of_the_system_says_what_to_do(self) -> None:
        client = Client(raise_request_exception=False)
        with self.settings(DEFINITIONS=None):
            answer = client.get(f"/items/{KEY}/samples/proxy/")
        assert answer.status_code == 500
        assert "系统出了故障" in answer.content.decode()

    def test_a_refusal_is_shown_with_what_to_do_and_leaves_one_line_in_the_access_log(self) -> None:
        CaseType.objects.update(is_offered=False)
        before = AccessEntry.objects.count()
        text = self.stranger.get(f"/items/{KEY}/").content.decode()
        assert "这个事项现在不办理" in text
        assert "接下来怎么办" in text
        assert AccessEntry.objects.count() == before + 1
        line = AccessEntry.objects.latest("pk")
        assert (line.verb, line.success, line.facts["code"]) == ("refused", False, "TypeNotOffered")
