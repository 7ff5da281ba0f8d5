"""The second factor 第二因素: one-time codes of an authenticator app and paper recovery codes, stored by allauth.

allauth keeps used codes in the cache of one process; here the last counter is kept in the row, so that a code is good
once over all processes and restarts.
"""

import base64
import io
import secrets
from urllib.parse import quote, urlencode

import segno
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from yiwang.kernel.base.moments import now
from yiwang.kernel.crypto.keyring import keyring
from yiwang.kernel.org.models import Account
from yiwang.sites.identity.limits import limits
from yiwang.sites.identity.refusals import WrongCode
from yiwang.sites.identity.rules import tidy_digits, totp_counter

CONTEXT = b"identity.authenticator"
SECRET_BYTES = 20


class SealedAdapter(DefaultMFAAdapter):
    """Lets allauth keep its secrets sealed by the key ring."""

    def encrypt(self, text: str) -> str:
        """Seal."""
        return base64.b64encode(keyring().seal(text.encode(), CONTEXT)).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Open. Raises KeyringError when the ring does not fit."""
        return keyring().unseal(base64.b64decode(encrypted_text), CONTEXT).decode()


def is_wanted(account: Account) -> bool:
    """Whether this account needs a second factor: staff and officers do (等保三级: two kinds of proof)."""
    return limits().second_factor and account.party_id is None


def is_enrolled(account: Account) -> bool:
    """Whether it has one."""
    return bool(Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).exists())


def new_secret() -> str:
    """A fresh secret of 160 random bits, base32."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def address_of(secret: str, account: Account, issuer: str) -> str:
    """What the QR code says to the authenticator app."""
    label = quote(f"{issuer}:{account.username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer}, quote_via=quote)}"


def qr_svg(address: str) -> bytes:
    """The QR picture as SVG of its own, served by an address: no page carries the secret in its source."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", scale=6, border=2, xmldecl=False)
    return picture.getvalue()


def enrol(account: Account, secret: str, code: str) -> None:
    """A step: keep the secret when the code proves that the app has it, and make recovery codes. Raises WrongCode."""
    counter = totp_counter(secret, tidy_digits(code), now())
    if counter is None:
        raise WrongCode()
    remove(account)
    data = {"secret": get_adapter().encrypt(secret), "counter": counter}
    Authenticator.objects.create(user=account, type=Authenticator.Type.TOTP, data=data, created_at=now())
    RecoveryCodes.activate(account)


def use(account: Account, code: str) -> str:
    """A step: accept a code that was never used before and tell of which kind it is. Raises WrongCode."""
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=account)}
    tidy = tidy_digits(code)
    for kind, accepts in (
        (Authenticator.Type.TOTP, _accepts_totp),
        (Authenticator.Type.RECOVERY_CODES, _accepts_paper),
    ):
        row = rows.get(kind)
        if row is not None and accepts(row, tidy):
            return str(kind)
    raise WrongCode()


def _accepts_totp(row: Authenticator, code: str) -> bool:
    secret = get_adapter().decrypt(row.data["secret"])
    counter = totp_counter(secret, code, now(), after=row.data["counter"])
    if counter is None:
        return False
    row.data["counter"] = counter
    row.last_used_at = now()
    row.save(update_fields=["data", "last_used_at"])
    return True


def _accepts_paper(row: Authenticator, code: str) -> bool:
    return bool(RecoveryCodes(row).validate_code(code))


def unseen_paper_codes(account: Account) -> list[str]:
    """The recovery codes, once: a second call gives none."""
    row = Authenticator.objects.select_for_update().filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        return []
    codes = RecoveryCodes(row)
    if codes.did_view:
        return []
    codes.mark_as_viewed()
    return list(codes.get_unused_codes())


def paper_codes_left(account: Account) -> int:
    """How many recovery codes were not used yet."""
    row = Authenticator.objects.filter(user=account, type=Authenticator.Type.RECOVERY_CODES).first()
    return len(RecoveryCodes(row).get_unused_codes()) if row is not None else 0


def remove(account: Account) -> None:
    """A step: forget every factor; codes of the old ones are worth nothing from here on."""
    Authenticator.objects.filter(user=account).delete()
