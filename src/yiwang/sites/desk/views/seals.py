"""The register of seals: list, log of uses, suspend, resume, destroy, the log to take along."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from yiwang.kernel.base.refusals import InvalidInput, NotFound, Refusal
from yiwang.kernel.ledger.access_log import Access, log_access
from yiwang.kernel.outputs.actions import destroy_seal, resume_seal, suspend_seal
from yiwang.sites.desk.forms import number_of
from yiwang.sites.desk.queries.seals import UseLine, seal_lines, seal_page, uses_to_take, waiting_papers
from yiwang.sites.desk.tables import table_file
from yiwang.sites.desk.views.shell import desk_page, staff
from yiwang.ui.acting import acting, address_of
from yiwang.ui.refusals import note_refusal

MOST = 5000
MOVES = {"suspend": suspend_seal, "resume": resume_seal, "destroy": destroy_seal}


@require_GET
@staff
def seals(request: HttpRequest) -> HttpResponse:
    """Every seal the actor may see, and the papers that wait for the signer."""
    actor = acting(request)
    context: dict[str, object] = {"lines": seal_lines(actor), "waiting": waiting_papers(actor)}
    return desk_page(request, "desk/seals.html", context, current="registers")


@require_http_methods(["GET", "POST"])
@staff
def seal(request: HttpRequest, seal: int) -> HttpResponse:
    """One seal; a POST moves it with a reason."""
    if request.method != "POST":
        return _page(request, seal)
    reason = request.POST.get("reason", "").strip()[:200]
    try:
        said = _moved(request, seal, reason)
    except NotFound:
        raise
    except Refusal as refusal:
        note_refusal(request, refusal)
        return _page(request, seal, reason=reason, refusal=refusal)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("desk:seal", args=[seal]))


def _moved(request: HttpRequest, seal: int, reason: str) -> str:
    move = MOVES.get(request.POST.get("move", ""))
    if move is None:
        raise InvalidInput(_("没有这种操作"), field="move")
    move(actor=acting(request), seal=seal, reason=reason)
    return _("已经记入印章台账。")


def _page(request: HttpRequest, seal: int, *, reason: str = "", refusal: Refusal | None = None) -> HttpResponse:
    page = seal_page(acting(request), seal, number_of(request.GET.get("before", "")))
    context: dict[str, object] = {"page": page, "reason": reason, "refusal": refusal}
    status = refusal.status if refusal is not None else 200
    return desk_page(request, "desk/seal.html", context, current="registers", status=status)


@require_GET
@staff
def seal_uses(request: HttpRequest, seal: int) -> HttpResponse:
    """The log of uses as CSV or XLSX, up to 5,000 lines; the access log keeps who took how much."""
    actor = acting(request)
    line, uses = uses_to_take(actor, seal, MOST)
    facts: dict[str, object] = {"lines": len(uses)}
    log_access(
        Access(
            "seal_uses.exported",
            account=actor.account,
            name=actor.name,
            subject=seal,
            address=address_of(request),
            facts=facts,
        )
    )
    table, is_sheet = [_heads(), *map(_cells, uses)], request.GET.get("format") == "xlsx"
    return table_file("seal-uses", line.seal.name, table, is_sheet=is_sheet)


def _heads() -> list[str]:
    return [_("用印时间"), _("文书"), _("编号"), _("第几次制作"), _("决定人"), _("岗位"), "SHA-256", _("证书序列号")]


def _cells(line: UseLine) -> list[str]:
    use = line.use
    moment = f"{localtime(use.at):%Y-%m-%d %H:%M:%S}"
    paper = [use.document.title, use.document.number, str(use.document.version)]
    return [moment, *paper, line.decided_by, line.post, use.sha256, use.certificate.serial]
