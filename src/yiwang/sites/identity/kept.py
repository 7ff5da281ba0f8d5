"""What was typed into a form when the session ran out: kept sealed in the new session, given back after sign-in.

Only to the same account, only once, never passwords or files.
"""

import base64
import json
from dataclasses import asdict, dataclass

from django.http import HttpRequest

from yiwang.kernel.crypto.keyring import keyring

KEY = "yw.kept"
CONTEXT = b"identity.kept"
LARGEST = 200_000
LEFT_OUT = {"csrfmiddlewaretoken"}


@dataclass(frozen=True)
class KeptForm:
    """Whose it was, where it was to go, its fields in order; whether files were among them."""

    account: int
    path: str
    fields: list[list[str]]
    had_files: bool


def keep(request: HttpRequest, account: int) -> KeptForm | None:
    """Read the posted form; None for one too large, or that belongs to sign-in itself."""
    fields = [[name, value] for name in request.POST for value in request.POST.getlist(name) if name not in LEFT_OUT]
    size = sum(len(name) + len(value) for name, value in fields)
    if not fields or size > LARGEST or request.path.startswith("/id/"):
        return None
    return KeptForm(account, request.get_full_path(), fields, bool(request.FILES))


def put(request: HttpRequest, form: KeptForm) -> None:
    """Seal it into the session."""
    sealed = keyring().seal(json.dumps(asdict(form), ensure_ascii=False).encode(), CONTEXT)
    request.session[KEY] = base64.b64encode(sealed).decode("ascii")


def take(request: HttpRequest, account: int) -> KeptForm | None:
    """Give it back to its owner and forget it; a stranger's is forgotten without being shown."""
    sealed = request.session.pop(KEY, None)
    if not isinstance(sealed, str):
        return None
    form = KeptForm(**json.loads(keyring().unseal(base64.b64decode(sealed), CONTEXT)))
    return form if form.account == account else None
