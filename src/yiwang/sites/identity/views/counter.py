"""The counter: see somebody in person, or register a villager who has no telephone."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from yiwang.kernel.base.masks import mask_name
from yiwang.kernel.base.refusals import Refusal
from yiwang.kernel.files.uploads import SealedUpload
from yiwang.sites.identity.actions.counter import Seen, confirm_identity, register_villager
from yiwang.sites.identity.counters import counter_post
from yiwang.sites.identity.forms import SeenForm, VillagerForm
from yiwang.ui.acting import acting


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Confirm the identity of a registered party."""
    actor = acting(request)
    post = counter_post(actor)
    form = SeenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            party = confirm_identity(actor=actor, id_number=data["id_number"], seen=Seen(data["paper"], data["phone"]))
        except Refusal as refusal:
            form.take_refusal(refusal)
        else:
            messages.success(request, _("%(name)s 已当面核验") % {"name": mask_name(party.name)})
            return redirect("identity:counter")
    return render(request, "identity/counter.html", {"form": form, "post": post}, status=400 if form.is_bound else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def villager(request: HttpRequest) -> HttpResponse:
    """Register somebody who stands at the counter, with his consent."""
    actor = acting(request)
    post = counter_post(actor)
    form = VillagerForm(request.POST, request.FILES) if request.method == "POST" else VillagerForm()
    if request.method == "POST" and form.is_valid():
        try:
            return _registered(request, form)
        except Refusal as refusal:
            form.take_refusal(refusal)
    return render(request, "identity/villager.html", {"form": form, "post": post}, status=400 if form.is_bound else 200)


def _registered(request: HttpRequest, form: VillagerForm) -> HttpResponse:
    data, consent = form.cleaned_data, form.cleaned_data["consent"]
    if not isinstance(consent, SealedUpload):
        raise TypeError("uploads come through kernel.files")
    try:
        arrival = consent.arrival()
    except Refusal as refusal:
        refusal.field = "consent"
        raise
    party = register_villager(
        actor=acting(request),
        who=form.who,
        address=data["address"],
        seen=Seen(data["paper"], data["phone"]),
        consent=arrival,
    )
    messages.success(request, _("%(name)s 已登记，同意书已存档") % {"name": mask_name(party.name)})
    return redirect("identity:counter")
