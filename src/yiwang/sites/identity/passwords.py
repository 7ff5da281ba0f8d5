"""The node's rules for passwords; steps that check and set them."""

from datetime import UTC, datetime

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from yiwang.kernel.base.identifiers import random_code
from yiwang.kernel.base.moments import now
from yiwang.kernel.org.models import Account
from yiwang.sites.identity.bounds import Limits
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.models import FormerPassword
from yiwang.sites.identity.refusals import WeakPassword
from yiwang.sites.identity.rules import password_faults

GIVEN = datetime(1999, 1, 1, tzinfo=UTC)  # when a password was given by somebody else: too old from the start


def given_password() -> str:
    """A password for somebody else, to be changed at once: letters, digits and signs of every class."""
    return f"Yw-{random_code(60).lower()}-7"


def check_rules(password: str, *, personal: tuple[str, ...] = ()) -> None:
    """Raise WeakPassword naming what is missing. `personal`: names and numbers it must not hold."""
    bounds = limits()
    faults = list(password_faults(password, bounds.password_length, bounds.password_classes, personal))
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        faults.append("common")
    if faults:
        raise WeakPassword("；".join(_said(fault, bounds) for fault in faults))


def _said(fault: str, bounds: Limits) -> str:
    words = {
        "short": _("至少 %(length)d 位") % {"length": bounds.password_length},
        "plain": _("大写字母、小写字母、数字、符号中至少有 %(classes)d 种") % {"classes": bounds.password_classes},
        "personal": _("不能含有姓名、账号、证件号码或手机号"),
        "common": _("这个密码太常见"),
        "used": _("不能与最近 %(count)d 次用过的密码相同") % {"count": bounds.password_history},
    }
    return words[fault]


def rules_in_words() -> list[str]:
    """What the form tells before anything is typed."""
    bounds = limits()
    return [_said("short", bounds), _said("plain", bounds), _said("personal", bounds)]


def personal_of(account: Account) -> tuple[str, ...]:
    """What the password of this account must not hold."""
    party, person = account.party, account.person
    own = (party.name, party.id_number, party.phone) if party else (person.name, person.phone) if person else ()
    return (account.username, *(text for text in own if text))


def set_password(account: Account, password: str) -> None:
    """Check against rules and history, set, remember. A step: the caller holds the account and records it."""
    check_rules(password, personal=personal_of(account))
    _check_history(account, password)
    FormerPassword.objects.create(account=account, password=account.password)
    account.set_password(password)
    account.password_changed = now()
    account.save(update_fields=["password", "password_changed"])


def _check_history(account: Account, password: str) -> None:
    kept = limits().password_history
    former = FormerPassword.objects.filter(account=account).order_by("-at").values_list("password", flat=True)[:kept]
    if any(check_password(password, old) for old in {account.password, *former} if old):
        raise WeakPassword(_said("used", limits()))


def is_too_old(account: Account) -> bool:
    """Whether a member of staff must change the password before anything else (also one that was given to him)."""
    days = limits().password_days
    if account.party_id is not None:
        return False
    age = (now() - account.password_changed).days
    return (days > 0 and age >= days) or account.password_changed <= GIVEN
