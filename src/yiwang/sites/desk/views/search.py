"""Search over everything the actor may see."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yiwang.kernel.search.grams import LONGEST_QUERY, MOST_WORDS
from yiwang.sites.desk.forms import number_of
from yiwang.sites.desk.queries.found import Question, found
from yiwang.sites.desk.views.shell import desk_page, staff
from yiwang.ui.acting import acting


@require_GET
@staff
def search(request: HttpRequest) -> HttpResponse:
    """One box; results newest first, narrowed by kind, unit and year."""
    given = request.GET
    numbers = {name: number_of(given.get(name, "")) for name in ("unit", "year", "before")}
    words, kind = given.get("q", "").strip()[: 2 * LONGEST_QUERY], given.get("kind", "").replace("\0", "")[:80]
    question = Question(words, kind, **numbers)
    context: dict[str, object] = {
        "question": question,
        "found": found(acting(request), question),
        "longest": LONGEST_QUERY,
        "most": MOST_WORDS,
        "title": _("搜索"),
    }
    return desk_page(request, "desk/search.html", context, current="search")
