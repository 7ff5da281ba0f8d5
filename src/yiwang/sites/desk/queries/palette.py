"""What the command palette offers: cases by number or title, places to go, things to do."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.org.actors import Actor
from yiwang.kernel.process.models import WorkItem
from yiwang.sites.desk.queries.casebook import Wish, found_cases
from yiwang.sites.desk.queries.facets import briefs
from yiwang.sites.desk.queries.kinds import UNKNOWN, mark_of, marks
from yiwang.sites.desk.queries.shell import sits_at_counter

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One line: where it leads, or what it does in the browser."""

    name: str
    url: str = ""
    sign: str = ""
    icon: str = ""
    hint: str = ""
    keys: str = ""
    does: str = ""


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Lines under one heading."""

    title: str
    options: tuple[Option, ...]


def palette_options(actor: Actor, words: str) -> tuple[OptionGroup, ...]:
    """With words: cases found, then places whose name holds them; without: what waits, places, commands."""
    cases = _cases(actor, words) if words else _waiting(actor)
    groups = (
        OptionGroup(_("跳到"), cases + _matching(_places(), words) + _everywhere(words)),
        OptionGroup(_("做事"), _matching(_commands(actor), words)),
    )
    return tuple(group for group in groups if group.options)


def _matching(options: tuple[Option, ...], words: str) -> tuple[Option, ...]:
    return tuple(option for option in options if words.lower() in option.name.lower())


def _cases(actor: Actor, words: str) -> tuple[Option, ...]:
    ended = found_cases(actor, Wish(is_closed=True, words=words))
    rows = [*found_cases(actor, Wish(words=words)), *ended][:SHOWN]
    return tuple(
        Option(f"{case.number}　{case.title}", reverse("desk:case", args=[case.case]), mark_of(case.version).sign)
        for case in rows
    )


def _everywhere(words: str) -> tuple[Option, ...]:
    if not words:
        return ()
    name = _("搜索全部内容：%(words)s") % {"words": words}
    return (Option(name, f"{reverse('desk:search')}?{urlencode({'q': words})}", icon="search", keys="g s"),)


def _waiting(actor: Actor) -> tuple[Option, ...]:
    ordered = sorted((row for row in briefs(actor) if row.due), key=lambda row: str(row.due))[:SHOWN]
    rows = WorkItem.objects.in_bulk([row.pk for row in ordered])
    known = marks({row.kind for row in rows.values()})
    return tuple(_item(rows[row.pk], known.get(row.kind, UNKNOWN).sign) for row in ordered if row.pk in rows)


def _item(row: WorkItem, sign: str) -> Option:
    return Option(f"{row.number}　{row.title}", reverse("desk:item", args=[row.pk]), sign, hint=row.label)


def _places() -> tuple[Option, ...]:
    return (
        Option(_("待办"), reverse("desk:worklist"), icon="inbox", keys="g w"),
        Option(_("全部办件"), reverse("desk:cases"), icon="tree", keys="g c"),
        Option(_("台账和限额"), reverse("desk:registers"), icon="book", keys="g r"),
        Option(_("搜索全部内容"), reverse("desk:search"), icon="search", keys="g s"),
        Option(_("我办过的"), f"{reverse('desk:worklist')}?list=done", icon="checkc"),
    )


def _commands(actor: Actor) -> tuple[Option, ...]:
    own = (
        Option(_("切换明暗主题"), icon="sun", keys="t", does="theme"),
        Option(_("查看全部快捷键"), icon="keyb", keys="?", does="keys"),
    )
    if sits_at_counter(actor):
        return (Option(_("帮群众新建申请"), reverse("desk:new"), icon="plus", keys="g n"), *own)
    return own
