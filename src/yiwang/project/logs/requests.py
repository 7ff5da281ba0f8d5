"""Every request: a name, a line, a count."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from yiwang.project.health.meters import meters
from yiwang.project.logs.lines import OF_REQUESTS, request_id

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}")

log = logging.getLogger(OF_REQUESTS)


@dataclass
class _Statements:
    """Counts what a request sends to the database."""

    count: int = 0

    def note(self, execute: Callable[..., object], *words: object) -> object:
        self.count += 1
        return execute(*words)


class RequestLog:
    """Names each request, writes a line about it and counts it; monitoring itself is left out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then tell."""
        began, statements, name = time.perf_counter(), _Statements(), _name(request)
        token = request_id.set(name)
        try:
            with connection.execute_wrapper(statements.note):
                response = self.get_response(request)
        finally:
            request_id.reset(token)
        response[HEADER] = name
        if not _route(request).startswith("health:"):
            seconds = time.perf_counter() - began
            meters().count(response.status_code, seconds)
            log.info("request", extra={"about": _about(request, response, name, seconds, statements.count)})
        return response


def _about(
    request: HttpRequest, response: HttpResponseBase, name: str, seconds: float, statements: int
) -> dict[str, object]:
    return {
        "request": name,
        "method": request.method if request.method in METHODS else "OTHER",
        "route": _route(request),
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "queries": statements,
        "account": _account(request),
    }


def _name(request: HttpRequest) -> str:
    """What a trusted proxy called it, so that its log and ours meet; else a new one."""
    given = request.headers.get(HEADER, "")
    is_trusted = request.META.get("REMOTE_ADDR", "") in settings.TRUSTED_PROXIES
    return given if is_trusted and _GIVEN.fullmatch(given) else secrets.token_hex(8)


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else ""


def _account(request: HttpRequest) -> int:
    """The account's number if the request has looked it up anyway; 0 for strangers. Asks nothing of the database."""
    actor, user = getattr(request, "_yiwang_actor", None), getattr(request, "_cached_user", None)
    return int(getattr(actor, "account", 0) or getattr(user, "pk", 0) or 0)
