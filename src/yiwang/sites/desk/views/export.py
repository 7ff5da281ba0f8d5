"""The worklist as a table to take along: CSV or XLSX of exactly what the filters leave."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.org.actors import Actor
from yiwang.sites.desk.queries.dues import Frame
from yiwang.sites.desk.queries.filters import Filters
from yiwang.sites.desk.queries.kinds import marks
from yiwang.sites.desk.queries.worklist import Line, Place, line_of, page_of
from yiwang.sites.desk.tables import table_file
from yiwang.sites.desk.views.shell import frame_now, staff
from yiwang.sites.desk.views.worklist import filters_of
from yiwang.ui.acting import acting, address_of

MOST, BATCH = 5000, 500


@require_GET
@staff
def export(request: HttpRequest) -> HttpResponse:
    """Everything the filters leave, up to 5,000 lines; the access log keeps who took how much."""
    actor = acting(request)
    rows = [_cells(line) for line in _lines(actor, filters_of(request), frame_now())]
    facts: dict[str, object] = {"lines": len(rows)}
    log_access(
        Access("worklist.exported", account=actor.account, name=actor.name, address=address_of(request), facts=facts)
    )
    table, is_sheet = [_heads(), *rows], request.GET.get("format") == "xlsx"
    return table_file("worklist", _("待办"), table, is_sheet=is_sheet)


def _lines(actor: Actor, filters: Filters, frame: Frame) -> Iterator[Line]:
    after: Place | None = None
    for _batch in range(MOST // BATCH):
        rows = page_of(actor, filters, frame, after, size=BATCH)
        known = marks({row.kind for row in rows})
        yield from (line_of(row, frame, known) for row in rows[:BATCH])
        if len(rows) <= BATCH:
            return
        after = Place(rows[BATCH - 1].due, rows[BATCH - 1].pk)


def _heads() -> list[str]:
    return [_("种类"), _("编号"), _("标题"), _("来自"), _("环节"), _("到期日"), _("还剩"), _("未读")]


def _cells(line: Line) -> list[str]:
    texts = [line.mark.name, line.number, line.title, line.source, line.step, line.due.day, str(line.due)]
    return [*texts, _("是") if line.unread else ""]
