"""People of the tests: a station with a clerk, an officer, a citizen; made through the real actions where possible."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.test import Client

from yiwang.kernel.base.moments import as_of, now, today
from yiwang.kernel.ledger.models import AccessEntry
from yiwang.kernel.org.actors import ANONYMOUS
from yiwang.kernel.org.models import Account, Holding, Level, Node, Person, Post, Unit
from yiwang.sites.identity.actions.registration import ask_to_register, finish_registration
from yiwang.sites.identity.applicants import Applicant
from yiwang.sites.identity.models import PhoneCode
from yiwang.sites.identity.rules import PERIOD, totp

Answer = Any  # Django's test response: a response with `context`, private in its stubs
PASSWORD = "Qingshan-2026"
CARD = "11010519491231002X"
CREDIT = "91350100M000100Y43"
PHONE = "13800002607"


def unit() -> Unit:
    """A township station."""
    node = Node.objects.get_or_create(code="n1", defaults={"name": "青山县林业局", "is_self": True})[0]
    known = Unit.objects.filter(short_name="白石站").first()
    if known is not None:
        return known
    made: Unit = Unit.add_root(
        name="白石镇林业站", short_name="白石站", kind="station", level=Level.TOWNSHIP, node=node
    )
    return made


def staff(username: str = "chen", role: str = "intake") -> Account:
    """A member of staff with a post."""
    post = Post.objects.get_or_create(unit=unit(), role=role, defaults={"name": "受理岗"})[0]
    person = Person.objects.create(name="陈雨晴", staff_number=f"QS-{username}")
    Holding.objects.create(person=person, post=post, since=today())
    return with_password(Account(username=username, person=person))


def officer(kind: str = "security", username: str = "security") -> Account:
    """One of the three officers."""
    return with_password(Account(username=username, officer=kind))


def with_password(account: Account) -> Account:
    """Save with the password all of these have."""
    account.set_password(PASSWORD)
    account.save()
    return account


def citizen(number: str = CARD, phone: str = PHONE) -> Account:
    """Somebody who registered and confirmed his telephone."""
    who = Applicant("person", "林志远", number, phone)
    waiting = ask_to_register(actor=ANONYMOUS, who=who, password=PASSWORD)
    code = PhoneCode.objects.get(pk=waiting).code
    return finish_registration(actor=ANONYMOUS, waiting=waiting, code=code)


def code_now(secret: str, later: int = 0) -> str:
    """What the authenticator app shows, `later` periods from now."""
    return totp(secret, int(now().timestamp()) // PERIOD + later)


@dataclass
class Browser:
    """A client of the test with the steps of sign-in."""

    client: Client
    secret: str = ""

    def password(self, login: str, password: str = PASSWORD, door: str = "/id/staff/", **more: str) -> Answer:
        """First step."""
        return self.client.post(door, {"login": login, "password": password, **more})

    def enrol(self) -> Answer:
        """Second step at the first sign-in of staff."""
        page = self.client.get("/id/enrol/")
        self.secret = page.context["secret"].replace(" ", "")
        return self.client.post("/id/enrol/", {"code": code_now(self.secret)})

    def sign_in_staff(self, account: Account) -> "Browser":
        """Both steps, and the recovery codes looked at."""
        self.password(account.username)
        self.enrol()
        self.client.get("/id/codes/")
        return self


def later(**step: float) -> AbstractContextManager[None]:
    """As if some time had passed."""
    return as_of(now() + timedelta(**step))


def verbs() -> list[tuple[str, bool]]:
    """What the access log has noted, and whether it succeeded."""
    return list(AccessEntry.objects.order_by("pk").values_list("verb", "success"))


def is_in(browser: Browser) -> bool:
    """Whether the browser is signed in."""
    status: int = browser.client.get("/id/sessions/").status_code
    return status == 200
