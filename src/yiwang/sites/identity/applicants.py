"""Who registers, and the party that is made of him."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from yiwang.kernel.base.refusals import InvalidInput
from yiwang.kernel.org.models import Account, Party
from yiwang.kernel.org.queries import party_tag, phone_tag
from yiwang.sites.identity.refusals import IdentityTaken
from yiwang.sites.identity.rules import fits_kind, is_mobile

MAX_NAME = 100


@dataclass(frozen=True)
class Applicant:
    """Who registers, as typed and tidied."""

    kind: str
    name: str
    id_number: str
    phone: str


def check_applicant(who: Applicant) -> None:
    """Raise InvalidInput at the first field that cannot be right."""
    if not who.name or len(who.name) > MAX_NAME:
        raise InvalidInput(_("请填写姓名或单位名称"), field="name")
    if who.kind not in Party.Type.values:
        raise InvalidInput(_("请选择办事人类型"), field="kind")
    if not fits_kind(who.kind, who.id_number):
        raise InvalidInput(
            _("证件号码不对，请逐位核对"), rule=_("末位校验码对不上"), remedy=_("照证件原样填写"), field="id_number"
        )
    if who.phone and not is_mobile(who.phone):
        raise InvalidInput(_("手机号应为 11 位数字"), field="phone")


def party_for(who: Applicant) -> Party:
    """A step: the party of somebody with a confirmed telephone. Raises IdentityTaken when it is another's."""
    known = Party.objects.select_for_update().filter(id_tag=party_tag(who.id_number)).first()
    if known is None:
        return make_party(who, Party.Identity.PHONE)
    is_same = known.phone_tag == phone_tag(who.phone) and known.name == who.name
    if not is_same or Account.objects.filter(party=known).exists():
        raise IdentityTaken()
    return known


def make_party(who: Applicant, level: Party.Identity) -> Party:
    """A step: a new party. Raises IdentityTaken when somebody else was faster."""
    tag = party_tag(who.id_number)
    if Party.objects.filter(id_tag=tag).exists():
        raise IdentityTaken()
    return Party.objects.create(
        kind=who.kind,
        name=who.name,
        id_number=who.id_number,
        id_tag=tag,
        phone=who.phone,
        phone_tag=phone_tag(who.phone) if who.phone else "",
        level=level,
    )
