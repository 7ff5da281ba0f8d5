"""The worklist, or the list of a register, as a table to take along: CSV or XLSX of exactly what the filters leave."""

from collections.abc import Iterator, Sequence

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.org.actors import Actor
from yiwang.kernel.registers.services import Column
from yiwang.sites.desk.forms import listing_of
from yiwang.sites.desk.queries.dues import Frame
from yiwang.sites.desk.queries.filters import Filters
from yiwang.sites.desk.queries.kinds import marks
from yiwang.sites.desk.queries.register_list import Line as RegisterLine
from yiwang.sites.desk.queries.register_list import rows_of
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
    return table_file("worklist", _("待办"), [_heads(), *rows], is_sheet=_is_sheet(request))


@require_GET
@staff
def export_register(request: HttpRequest, register: str) -> HttpResponse:
    """Entries of a register that the filters leave, up to 5,000; the access log keeps who took how many of which."""
    actor = acting(request)
    known, columns, lines = rows_of(actor, listing_of(request, register), MOST)
    facts: dict[str, object] = {"register": known.pk, "lines": len(lines)}
    log_access(
        Access("register.exported", account=actor.account, name=actor.name, address=address_of(request), facts=facts)
    )
    table = [_register_heads(columns), *map(_register_cells, lines)]
    return table_file("register", known.name, table, is_sheet=_is_sheet(request))


def _register_heads(columns: Sequence[Column]) -> list[str]:
    named = [f"{column.label}（{column.unit}）" if column.unit else column.label for column in columns]
    return [_("编号"), _("持证人"), *named, _("发证机关"), _("起"), _("止"), _("状态")]


def _register_cells(line: RegisterLine) -> list[str]:
    entry = line.line.entry
    until = entry.valid_to.isoformat() if entry.valid_to else ""
    period = [entry.valid_from.isoformat(), until]
    texts = [entry.number, entry.holder_name, *(cell.text for cell in line.cells), entry.issuer.name, *period]
    return [*texts, line.line.status]


def _is_sheet(request: HttpRequest) -> bool:
    return request.GET.get("format") == "xlsx"


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
