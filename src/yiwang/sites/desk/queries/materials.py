"""Materials of a case beside each other: the form, each slot, documents made by the platform."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from yiwang.kernel.cases.types import Offer
from yiwang.kernel.files.models import Attachment, Blob
from yiwang.kernel.files.previews import PDF, may_preview
from yiwang.kernel.forms.answers import size

FORM = "form"
SIGNED = "signed_application"


@dataclass(frozen=True, slots=True)
class Paper:
    """One file of a material."""

    id: int
    name: str
    note: str
    is_shown: bool
    is_paged: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """One line of the list on the left; `key` is the slot, or `form` for the application itself."""

    number: int
    key: str
    title: str
    note: str
    icon: str
    papers: tuple[Paper, ...]


def materials_of(offer: Offer, count: int, files: Iterable[Attachment]) -> tuple[Material, ...]:
    """The application form first, then every slot that holds files, in the order of the definitions."""
    form, forms = offer.form, (offer.form, *offer.task_forms.values())
    titles = {one.key: one.label for form in forms for step in form.steps for one in step.fields() if one.slot}
    titles |= {SIGNED: _("申请人签字的申请书")}
    slots: dict[str, list[Attachment]] = {key: [] for key in titles}
    for file in files:
        slots.setdefault(file.slot, []).append(file)
    found = [Material(1, FORM, form.title, _("网上填报，%(count)s 项") % {"count": count}, "doc", ())]
    for slot, inside in slots.items():
        if inside:
            found.append(_material(len(found) + 1, slot, titles, inside))
    return tuple(found)


def _material(number: int, slot: str, titles: Mapping[str, str], files: list[Attachment]) -> Material:
    papers = tuple(
        Paper(file.pk, file.name, size(file.blob.size), _is_shown(file.blob), file.blob.mime == PDF) for file in files
    )
    pictures = all(file.blob.mime.startswith("image/") for file in files)
    note = _("%(count)s 份，%(first)s") % {"count": len(files), "first": files[0].name}
    return Material(number, slot, titles.get(slot, _("其他文件")), note, "img" if pictures else "doc", papers)


def _is_shown(blob: Blob) -> bool:
    return may_preview(blob) and blob.state == Blob.State.READY
