"""What the command palette offers: people, units, pages."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from yiwang.kernel.org.models import Person
from yiwang.sites.administration.queries.organisation import found_units, url_of

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One line: where it leads."""

    name: str
    url: str
    icon: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class OptionGroup:
    """Lines under one heading."""

    title: str
    options: tuple[Option, ...]


def options(words: str) -> tuple[OptionGroup, ...]:
    """People by name or number, units by name, pages by title."""
    groups = (
        OptionGroup(_("人员"), _people(words) if words else ()),
        OptionGroup(_("单位"), _units(words) if words else ()),
        OptionGroup(_("跳到"), tuple(one for one in _pages() if words.lower() in one.name.lower())),
    )
    return tuple(group for group in groups if group.options)


def _people(words: str) -> tuple[Option, ...]:
    wanted = Q(name__contains=words) | Q(staff_number__istartswith=words)
    rows = Person.objects.filter(wanted).order_by("name", "pk")[:SHOWN]
    return tuple(Option(row.name, url_of(person=row.pk, words=words), "user", row.staff_number) for row in rows)


def _units(words: str) -> tuple[Option, ...]:
    return tuple(Option(unit.name, url_of(unit.pk), "users", unit.short_name) for unit in found_units(words)[:SHOWN])


def _pages() -> tuple[Option, ...]:
    pages = (
        (_("机构和人员"), "organisation", "users"),
        (_("没有岗位的人"), "", "user"),
        (_("从表格导入"), "imports", "up"),
        (_("运行情况"), "health", "shield"),
        (_("工作日历"), "calendar", "clock"),
        (_("改动记录"), "changes", "hist"),
    )
    return tuple(
        Option(name, reverse(f"administration:{view}") if view else url_of("none"), icon) for name, view, icon in pages
    )
