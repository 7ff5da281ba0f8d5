"""Files into the slots of a draft: plain posts and posts by script alike."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.files.actions import add_to_draft, remove_from_draft
from yiwang.kernel.files.limits import Limits, default_limits
from yiwang.kernel.files.refusals import TooManyFiles
from yiwang.kernel.files.uploads import SealedUpload
from yiwang.kernel.forms.definition import FieldDef
from yiwang.sites.hall.queries.filling import Filling
from yiwang.ui.acting import acting

PREFIX = "file-"
SPELLINGS = {"jpg": ("jpg", "jpeg"), "tif": ("tif", "tiff")}


def take_files(request: HttpRequest, filling: Filling) -> tuple[Refusal | None, str]:
    """Put every file of the request into its slot; the first refusal ends it, and the last slot is named."""
    slot = ""
    for name in request.FILES:
        field = filling.field(name.removeprefix(PREFIX))
        if field is None:
            continue
        slot = field.key
        try:
            _fill(request, filling, field, name)
        except Refusal as refusal:
            refusal.field = slot
            return refusal, slot
    return None, slot


def _fill(request: HttpRequest, filling: Filling, field: FieldDef, name: str) -> None:
    uploads = [file for file in request.FILES.getlist(name) if isinstance(file, SealedUpload)]
    held = len(filling.form.context.in_slot(field.key))
    if field.slot is not None and held + len(uploads) > field.slot.most:
        most = field.slot.most
        raise TooManyFiles(_("%(label)s最多 %(most)d 份") % {"label": field.bare_label, "most": most})
    for upload in uploads:
        arrival = upload.arrival(limits_of(field))
        add_to_draft(
            actor=acting(request),
            arrival=arrival,
            draft=filling.draft.token,
            slot=field.key,
            unit=filling.unit,
            limits=default_limits(),
        )


def limits_of(field: FieldDef) -> Limits:
    """The node's limits, narrowed to what the material asks for."""
    node, slot = default_limits(), field.slot
    if slot is None:
        return node
    largest = slot.largest or node.largest
    endings = frozenset(name for one in slot.formats for name in SPELLINGS.get(one, (one,)))
    return Limits(
        file_bytes=min(node.file_bytes, largest),
        image_bytes=min(node.image_bytes, largest),
        total_bytes=node.total_bytes,
        count=node.count,
        endings=endings,
    )


def detach(request: HttpRequest, attachment: int) -> None:
    """Take a file out of the draft."""
    remove_from_draft(actor=acting(request), attachment=attachment)
