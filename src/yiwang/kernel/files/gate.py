"""Gates in front of Django: a request larger than the setting `FILES_MAX_REQUEST` is turned away unread.

Under ASGI Django reads a whole body to disk before any of its own code runs, under WSGI it parses forms before the view
is known; so the limit must stand outside of it.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from yiwang.kernel.files.limits import readable, request_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Message = dict[str, Any]
Incoming = Mapping[str, Any]
Receive = Callable[[], Awaitable[Incoming]]
Send = Callable[[Incoming], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("Cache-Control", "no-store"),
    ("Connection", "close"),
]


class WsgiGate:
    """Refuses by Content-Length before reading; a request without one is read by Django as empty."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass on, or answer 413."""
        limit, announced = request_bytes(), str(environ.get("CONTENT_LENGTH") or "")
        if not announced.isdigit() or int(announced) <= limit:
            return self._app(environ, start_response)
        body = _page(limit)
        start_response("413 Content Too Large", [*PAGE_HEADERS, ("Content-Length", str(len(body)))])
        return [body]


class BodyGate:
    """ASGI: refuses by Content-Length before reading, and while reading when the header is missing or lies."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass on, or answer 413."""
        limit = request_bytes()
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif announced(scope) > limit:
            await _refuse(send, limit)
        else:
            await self._counted(scope, receive, send, limit)

    async def _counted(self, scope: Message, receive: Receive, send: Send, limit: int) -> None:
        body = _Counter(receive, limit)
        await self._app(scope, body.receive, send)
        if body.is_over:
            await _refuse(send, limit)


class _Counter:
    """Hands messages on; past the limit it says the client went away, at which Django gives up without an answer."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self.is_over = False

    async def receive(self) -> Incoming:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.is_over = True
            return {"type": "http.disconnect"}
        return message


def announced(scope: Message) -> int:
    """Content-Length of a request, 0 when it has none or a wrong one."""
    values = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(values[0]) if values and values[0].isdigit() else 0


async def _refuse(send: Send, limit: int) -> None:
    body = _page(limit)
    pairs = [*PAGE_HEADERS, ("Content-Length", str(len(body)))]
    headers = [(name.lower().encode(), value.encode()) for name, value in pairs]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _page(limit: int) -> bytes:
    title = _("上传的内容太大")
    text = _("一次最多上传 %(limit)s，没有保存任何内容。请返回上一页，压缩照片、降低扫描分辨率或分几次上传。") % {
        "limit": readable(limit)
    }
    head = f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>{title}</title>'
    return f"{head}<h1>{title}</h1><p>{text}</p></html>".encode()
