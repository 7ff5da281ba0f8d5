"""A small county for the tests of the hall: real divisions, the demonstration's units and staff, the felling permit."""

from collections.abc import Iterable
from typing import Protocol

from django.conf import settings
from django.core.cache import cache
from django.test import Client, TestCase

from tests.browsing import signed_in
from yiwang.kernel.base.moments import today
from yiwang.kernel.cases.actions.publishing import load_shipped
from yiwang.kernel.cases.publishing import read_folder
from yiwang.kernel.cases.tests.world import KEY, forget_memories, load_places, new_party
from yiwang.kernel.cases.types import current_offer
from yiwang.kernel.forms.definition import Raw
from yiwang.kernel.org.actors import SYSTEM
from yiwang.kernel.org.models import Account, Party, Person
from yiwang.project.demo.answers import Stand, raw_answers
from yiwang.project.demo.organisation import found_organisation
from yiwang.sites.hall.tests.posting import posted


class Answer(Protocol):
    """What the tests read of a response."""

    @property
    def status_code(self) -> int: ...

    @property
    def content(self) -> bytes: ...

    def __getitem__(self, name: str) -> str: ...


def staff_account(name: str) -> Account:
    """An account for somebody of the demonstration's staff."""
    person = Person.objects.get(name=name)
    return Account.objects.get_or_create(person=person, defaults={"username": f"staff{person.pk}"})[0]


class HallCase(TestCase):
    """A published item, two villagers, staff."""

    party: Party
    other: Party

    @classmethod
    def setUpTestData(cls) -> None:
        """Once a class; what the process remembers of other classes' tables is dropped."""
        forget_memories()
        load_places()
        found_organisation()
        load_shipped(actor=SYSTEM, files=read_folder(settings.DEFINITIONS / "forestry" / "felling"))
        cls.party, cls.other = new_party(1), new_party(2)

    def setUp(self) -> None:
        """Figures and names are counted anew."""
        cache.clear()
        self.stranger = Client()
        self.client = signed_in(Account.objects.get(party=self.party))

    def answers(self, number: int = 3) -> Raw:
        """A right set of answers."""
        party = self.party
        return raw_answers(Stand(number), party.name, party.id_number, party.phone, today())

    def begin(self, client: Client | None = None, party: str = "") -> str:
        """Begin a draft; its token."""
        answer = (client or self.client).post(f"/apply/{KEY}/", {"party": party})
        return str(answer["Location"]).split("/")[3]

    def fill(self, token: str, raw: Raw | None = None, client: Client | None = None, steps: Iterable[str] = ()) -> None:
        """Send every page, or those named."""
        for step in current_offer(KEY).form.steps:
            if not steps or step.key in steps:
                data = posted(step, raw or self.answers()) | {"_next": "1", "_revision": "9999"}
                (client or self.client).post(f"/apply/{KEY}/{token}/{step.key}/", data)

    def apply(self, client: Client | None = None) -> tuple[int, str, str]:
        """A whole application; case, number and tracking code."""
        browser = client or self.client
        token = self.begin(browser)
        self.fill(token, client=browser)
        answer = browser.post(f"/apply/{KEY}/{token}/", {"agreed": "yes"})
        case = int(str(answer["Location"]).split("/")[2])
        page = browser.get(f"/receipt/{case}/").content.decode()
        return case, between(page, 'id="receipt-number">', "<"), between(page, 'id="receipt-code">', "<")


def between(text: str, begin: str, end: str) -> str:
    """The text between two marks."""
    return text.split(begin, 1)[1].split(end, 1)[0]
