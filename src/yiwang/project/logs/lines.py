"""Log records as lines of JSON."""

import json
import logging
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

request_id: ContextVar[str] = ContextVar("yiwang_request_id", default="")
"""Name of the request that is being answered, so that a fault is found from the page that showed it."""

OF_REQUESTS = "yiwang.request"
LONGEST = 16_000
_ENDS = {end: f"\\u{end:04x}" for end in (0x85, 0x2028, 0x2029)}


class JsonLines(logging.Formatter):
    """One JSON object a line: moment, level, logger, request, what is told; faults with their trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Write it out. A request is told by its route, never by its path, which may hold numbers of cases."""
        told: dict[str, object] = {"moment": _moment(record), "level": record.levelname}
        request = getattr(record, "about", None)
        if record.name == OF_REQUESTS and isinstance(request, dict):
            return one_line(told | request)
        told |= {"logger": record.name, "request": request_id.get(), "message": _message(record)}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)[-LONGEST:]
        return one_line(told)


def one_line(told: dict[str, object]) -> str:
    """JSON without any character that some reader takes for the end of a line."""
    return json.dumps(told, ensure_ascii=False).translate(_ENDS)


def _message(record: logging.LogRecord) -> str:
    asked = getattr(record, "request", None)
    if asked is None:
        return record.getMessage()[:LONGEST]
    match = getattr(asked, "resolver_match", None)
    return f"{getattr(record, 'status_code', '')} {match.view_name if match else 'no such address'}".strip()


def _moment(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, timezone.get_default_timezone())
    return moment.isoformat(timespec="milliseconds")
