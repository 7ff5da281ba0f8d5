"""Public verification of certificates, and comparing a file with the one that was issued."""

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yiwang.kernel.base.refusals import InvalidInput, StaleState
from yiwang.kernel.files.uploads import SealedUpload
from yiwang.kernel.outputs.signatures import LARGEST, Checked, State, check
from yiwang.kernel.registers.queries import verify as verified
from yiwang.sites.hall.forms import VerifyForm
from yiwang.sites.hall.queries.verification import Shown, shown, shown_again
from yiwang.sites.hall.throttle import VERIFYING, guard, note_failure

PIECE = 1024 * 1024


@dataclass(frozen=True)
class Comparison:
    """A file beside the digest kept at issue; the file itself is not kept."""

    name: str
    same: bool
    sha256: str
    sm3: str
    checked: Checked

    @property
    def signature(self) -> str:
        """What its electronic signature proves, in words."""
        return {
            State.VALID: _("电子签名有效：签名以后没有改动过"),
            State.ALTERED: _("电子签名无效：签名以后被改动过"),
            State.FOREIGN: _("有电子签名，但不是本平台的印章证书签的"),
            State.NONE: _("没有电子签名"),
            State.BUSY: _("现在验签的人多，请过一会儿再试"),
            State.UNREADABLE: _("验不出电子签名：不是 PDF 文件，或者文件坏了、太大"),
        }[self.checked.state]

    @property
    def word(self) -> str:
        """The result in words."""
        if self.same:
            return _("一致：这份文件就是签发的原件")
        return _("不一致：这份文件不是签发的原件，或者被改动过")


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The question, or the verdict on number and code."""
    if request.method != "POST":
        return _page(request, VerifyForm(initial={"number": request.GET.get("number", "")[:60]}))
    form = VerifyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    number = form.cleaned_data["number"]
    guard(request, VERIFYING, number)
    verdict = verified(number, code=form.cleaned_data["code"])
    return _answer(request, number, shown(verdict), found=verdict is not None)


@never_cache
@require_safe
def landing(request: HttpRequest, number: str) -> HttpResponse:
    """Where the QR code of a certificate leads: number and tag, which only this node can make."""
    guard(request, VERIFYING, number)
    verdict = verified(number, tag=request.GET.get("t", "")[:100] or "-")
    return _answer(request, number, shown(verdict), found=verdict is not None)


@never_cache
@require_POST
def compare(request: HttpRequest) -> HttpResponse:
    """The file is read, its digests and signatures are judged, nothing is kept."""
    verdict = shown_again(request.POST.get("ticket", ""))
    if verdict is None:
        raise StaleState(_("核验结果已经过了一小时"), remedy=_("请重新核验，再比对文件"))
    upload = request.FILES.get("file")
    if not isinstance(upload, SealedUpload):
        raise InvalidInput(_("还没有选文件"), remedy=_("请返回，选一个证书文件再比对"), field="file")
    return _page(request, VerifyForm(), verdict=verdict, comparison=_compared(upload, verdict))


def _compared(upload: SealedUpload, verdict: Shown) -> Comparison:
    sm3 = hashes.Hash(hashes.SM3())
    with upload.plain() as stream:
        while piece := stream.read(PIECE):
            sm3.update(piece)
        stream.seek(0)
        head = stream.read(LARGEST + 1)
    same = upload.sha256 == verdict.digest
    return Comparison(str(upload.name), same, upload.sha256, sm3.finalize().hex(), check(head))


def _answer(request: HttpRequest, number: str, verdict: Shown, *, found: bool) -> HttpResponse:
    if not found:
        note_failure(request, VERIFYING, number)
    form = VerifyForm(initial={"number": number})
    return _page(request, form, verdict=verdict, status=200 if found else 404)


def _page(
    request: HttpRequest,
    form: VerifyForm,
    *,
    verdict: Shown | None = None,
    comparison: Comparison | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"here": "verify", "form": form, "verdict": verdict, "comparison": comparison}
    return render(request, "hall/verify.html", context, status=status)
