"""What every public page needs beside its own content."""

from django.http import HttpRequest

from yiwang.kernel.base.moments import now
from yiwang.ui.face import face
from yiwang.ui.filling import filling

ELDER_COOKIE = "yw_elder"


def shell(request: HttpRequest) -> dict[str, object]:
    """Face, elder mode, the present moment and, while demonstration data is being made, how far it is (`demo`)."""
    return {
        "face": face(),
        "elder": request.COOKIES.get(ELDER_COOKIE) == "1",
        "moment": now(),
        "demo": filling(),
    }
