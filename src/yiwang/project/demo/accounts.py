"""Accounts of the demonstration: generated passwords, a second factor each, kept in a file only the owner may read."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from yiwang.kernel.base.moments import now
from yiwang.kernel.files.inspection import accept
from yiwang.kernel.files.limits import default_limits
from yiwang.kernel.files.staging import stage
from yiwang.kernel.org.actors import ANONYMOUS, SYSTEM, Actor
from yiwang.kernel.org.models import Account, Party
from yiwang.kernel.org.queries import actor_of, party_tag
from yiwang.project.demo.organisation import Founded
from yiwang.project.demo.people import Villager
from yiwang.project.demo.pictures import paper
from yiwang.sites.identity.actions.counter import Seen, confirm_identity, register_villager
from yiwang.sites.identity.actions.officers import make_account
from yiwang.sites.identity.actions.own import change_password, enrol_second_factor
from yiwang.sites.identity.actions.registration import register_unconfirmed
from yiwang.sites.identity.applicants import Applicant
from yiwang.sites.identity.models import Confirmation
from yiwang.sites.identity.rules import totp
from yiwang.sites.identity.second_factor import new_secret

FILE = "demo-accounts.txt"
STEP = 30
SHOWN = (
    "罗文斌",
    "周启明",
    "骆守信",
    "林雨晴",
    "邱玉珍",
    "陈晓梅",
    "何满仓",
    "张秀兰",
    "黄树根",
    "钟小河",
    "杨云舒",
    "宁远山",
)
HEAD = """Demonstration accounts 演示账号 (invented people; keep this file to yourself)
Staff sign in at /id/ with password and a six-digit code. Put the key into an authenticator app,
or print the code of the moment with  ./run manage demo_code USERNAME
"""


@dataclass(frozen=True)
class Login:
    """One line of the file."""

    username: str
    password: str
    secret: str
    who: str

    def __str__(self) -> str:
        factor = f"  key {self.secret}" if self.secret else ""
        return f"{self.username:<14} {self.password:<22} {self.who}{factor}"


def open_accounts(founded: list[Founded]) -> list[Login]:
    """An account for every person; those of the main story get a password and factor that can be used at once."""
    logins, known = [], set()
    for one in founded:
        if one.person.pk in known:
            continue
        known.add(one.person.pk)
        account, given = make_account(actor=SYSTEM, username=f"yg{one.person.pk:03d}", person=one.person.pk)
        if one.person.name in SHOWN:
            logins.append(_ready(account, given, f"{one.person.name} {one.unit.short_name} {one.post.name}"))
    return logins


def _ready(account: Account, given: str, who: str) -> Login:
    password, secret = new_password(), new_secret()
    change_password(actor=actor_of(account), old=given, new=password, session_key="")
    code = totp(secret, int(now().timestamp()) // STEP)
    enrol_second_factor(actor=actor_of(account), secret=secret, code=code)
    return Login(account.username, password, secret, who)


def new_password() -> str:
    """A password that meets the rules of every node."""
    return f"Yw-{secrets.token_hex(5)}-{secrets.randbelow(90) + 10}"


def register_citizen(who: Villager, clerk: Actor) -> Login:
    """A villager with a telephone: registers himself, then is seen at the counter."""
    password = new_password()
    applicant = Applicant(Party.Type.PERSON, who.name, who.identity, who.phone)
    register_unconfirmed(actor=ANONYMOUS, who=applicant, password=password)
    confirm_identity(actor=clerk, id_number=who.identity, seen=Seen(Confirmation.Paper.values[0]))
    return Login(who.identity, password, "", f"{who.name} 村民")


def register_at_counter(who: Villager, clerk: Actor) -> Party:
    """A villager without a telephone: registered by the clerk, with his signed consent."""
    limits = default_limits()
    consent = accept(stage([paper(9)], limits), "同意书.jpg", limits)
    applicant = Applicant(Party.Type.PERSON, who.name, who.identity, "")
    seen = Seen(Confirmation.Paper.values[0])
    return register_villager(actor=clerk, who=applicant, address="演示地址", seen=seen, consent=consent)


def party_of(who: Villager) -> Party:
    """The party a villager was registered as. Raises Party.DoesNotExist."""
    return Party.objects.get(id_tag=party_tag(who.identity))


def write_accounts(folder: Path, logins: list[Login]) -> None:
    """Keep the accounts in the data folder, readable by the owner only."""
    handle = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(HEAD + "\n".join(map(str, logins)) + "\n")
