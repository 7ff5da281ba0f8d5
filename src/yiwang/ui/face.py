"""The face of a node 门面: the names and legal lines that stand at the head and foot of its public pages."""

from dataclasses import dataclass, fields

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import gettext as _

from yiwang.kernel.org.models import Node

NAME_KEPT_SECONDS = 60


@dataclass(frozen=True)
class Face:
    """What the `face_…` lines of `settings.toml` say; an empty one is not shown (footer items: 国办发〔2017〕47号)."""

    bureau: str = ""
    hall: str = ""
    slogan: str = ""
    site_code: str = ""
    icp: str = ""
    police: str = ""
    address: str = ""
    phone: str = ""
    hours: str = ""
    complaint_phone: str = ""


def face() -> Face:
    """The node's face; where settings name no bureau, the node's own name stands."""
    given: dict[str, str] = {name: str(value) for name, value in settings.FACE.items() if name in _names()}
    bureau = given.pop("bureau", "") or _node_name()
    hall = given.pop("hall", "") or _("%(bureau)s办事大厅") % {"bureau": bureau}
    return Face(bureau=bureau, hall=hall, **given)


def _names() -> set[str]:
    return {field.name for field in fields(Face)}


def _node_name() -> str:
    kept: str | None = cache.get("ui.node_name")
    if kept is None:
        kept = Node.objects.filter(is_self=True).values_list("name", flat=True).first() or ""
        cache.set("ui.node_name", kept, NAME_KEPT_SECONDS)
    return kept or _("一网")
