"""Pages for what goes wrong outside a named refusal; each says what to do next."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _

from yiwang.kernel.base.moments import now


@dataclass(frozen=True)
class Trouble:
    """One page of trouble: status, what happened, what to do."""

    status: int
    title: str
    what: str
    remedy: str


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _page(
        request, Trouble(400, _("这个请求看不懂"), _("内容不完整，或者格式不对。"), _("请返回上一页，核对以后再试。"))
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    what = _("您没有查看或者办理这一项的权限，或者登录已经失效。")
    return _page(request, Trouble(403, _("不能打开这一页"), what, _("请登录以后再试；还是不行的，请打下面的电话。")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    what = _("地址可能打错了，或者这一页已经移走。")
    return _page(request, Trouble(404, _("没有找到这一页"), what, _("请从首页查找要办的事项，或者查办件进度。")))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: rendered without context processors, because what failed may be one of them."""
    trouble = Trouble(
        500,
        _("系统出了故障"),
        _("刚才的操作没有完成，已经填写并保存过的内容还在。"),
        _("请过几分钟再试。一直不行的，请打电话告诉我们出错的时间。"),
    )
    html = loader.render_to_string("ui/trouble_plain.html", {"trouble": trouble, "moment": now()})
    return HttpResponse(html, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 of a form that was open too long, or came from elsewhere."""
    what = _("这一页打开太久，或者浏览器没有保存 Cookie，系统认不出这次提交是您本人发来的。")
    remedy = _("请返回上一页，刷新以后再提交；填过并保存的内容不会丢。")
    return _page(request, Trouble(403, _("请再提交一次"), what, remedy))


def _page(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    html = loader.render_to_string("ui/trouble.html", {"trouble": trouble}, request)
    return HttpResponse(html, status=trouble.status)
