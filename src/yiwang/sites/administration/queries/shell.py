"""What stands around every page of the administration: rail, who acts, where to sign out."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.org.models import Account

SYSTEM, SECURITY, AUDIT = Account.Officer.SYSTEM.value, Account.Officer.SECURITY.value, Account.Officer.AUDIT.value


@dataclass(frozen=True, slots=True)
class RailItem:
    """One page in the rail."""

    key: str
    name: str
    icon: str
    url: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything `ui/templates/desk/base.html` shows beside the page itself."""

    theme: str
    unit: str
    today: date
    person: str
    posts: tuple[str, ...]
    rail: tuple[RailItem, ...]
    current: str
    may_change: bool
    home: str

    @property
    def short(self) -> str:
        """Two letters for the round mark."""
        return self.unit[:2]

    @property
    def seek_url(self) -> str:
        """The palette asks here."""
        return reverse("administration:seek")

    @property
    def theme_url(self) -> str:
        """Changes light and dark without script."""
        return reverse("administration:theme")

    @property
    def sign_out_url(self) -> str:
        """Ends the session."""
        return reverse("identity:sign_out")

    @property
    def security_url(self) -> str:
        """Own sessions and password."""
        return reverse("identity:sessions")


def shell_of(actor: Actor, *, current: str, theme: str) -> Shell:
    """The shell for an officer. No query."""
    office = str(dict(Account.Officer.choices).get(actor.officer, ""))
    rail = _rail(actor.officer)
    return Shell(
        theme=theme,
        unit=office,
        today=today(),
        person=actor.name,
        posts=(office,),
        rail=rail,
        current=current,
        may_change=actor.officer == SYSTEM,
        home=rail[0].url,
    )


def _rail(officer: str) -> tuple[RailItem, ...]:
    changes = RailItem("changes", _("改动"), "hist", reverse("administration:changes"))
    if officer == AUDIT:
        return (changes,)
    pages = (
        RailItem("organisation", _("机构"), "users", reverse("administration:organisation")),
        RailItem("health", _("运行"), "shield", reverse("administration:health")),
        RailItem("calendar", _("日历"), "clock", reverse("administration:calendar")),
        changes,
    )
    accounts = RailItem("accounts", _("账号"), "user", reverse("identity:officer"))
    return (*pages, accounts) if officer == SECURITY else pages
