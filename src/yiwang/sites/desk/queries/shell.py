"""What stands around every page of the desk: rail, unit, posts, where to sign out."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import today
from yiwang.kernel.org.actors import Actor


@dataclass(frozen=True, slots=True)
class RailItem:
    """One surface in the rail; only surfaces that exist stand there."""

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
    may_file: bool

    @property
    def short(self) -> str:
        """The given name, for the round mark."""
        return self.person[-2:]

    @property
    def home(self) -> str:
        """The worklist."""
        return reverse("desk:worklist")

    @property
    def cases_url(self) -> str:
        """All cases the actor may see."""
        return reverse("desk:cases")

    @property
    def new_url(self) -> str:
        """Filing for a villager."""
        return reverse("desk:new")

    @property
    def seek_url(self) -> str:
        """The palette asks here."""
        return reverse("desk:seek")

    @property
    def theme_url(self) -> str:
        """Changes light and dark without script."""
        return reverse("desk:theme")

    @property
    def sign_out_url(self) -> str:
        """Ends the session."""
        return reverse("identity:sign_out")

    @property
    def security_url(self) -> str:
        """Own sessions and password."""
        return reverse("identity:sessions")


def shell_of(actor: Actor, *, current: str, theme: str, waiting: str) -> Shell:
    """The shell for this actor; `waiting` is what stands at the worklist in the rail. No query."""
    items = (
        RailItem("worklist", _("待办"), "inbox", reverse("desk:worklist"), "" if waiting == "0" else waiting),
        RailItem("cases", _("办件"), "tree", reverse("desk:cases")),
        RailItem("registers", _("台账"), "book", reverse("desk:registers")),
        RailItem("search", _("搜索"), "search", reverse("desk:search")),
    )
    return Shell(
        theme=theme,
        unit=next((held.unit_name for held in actor.posts if held.post == actor.post), ""),
        today=today(),
        person=actor.name,
        posts=tuple(f"{held.unit_name} {held.name}" for held in actor.posts),
        rail=items,
        current=current,
        may_file=sits_at_counter(actor),
    )


def sits_at_counter(actor: Actor) -> bool:
    """Whether he may file for people who come in person (setting `COUNTER_ROLES`)."""
    return any(held.role in settings.COUNTER_ROLES for held in actor.posts)
