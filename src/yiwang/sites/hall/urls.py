"""Addresses of the hall. Codes never stand in an address; numbers may."""

from django.urls import path

from yiwang.sites.hall.views import apply, guide, home, mine, pages, track, verify

app_name = "hall"
urlpatterns = [
    path("", home.home, name="home"),
    path("items/", guide.items, name="items"),
    path("items/<str:key>/", guide.guide, name="guide"),
    path("items/<str:key>/samples/<slug:slot>/", guide.sample, name="sample"),
    path("apply/<str:key>/", apply.start, name="apply"),
    path("apply/<str:key>/<str:draft>/<slug:step>/", apply.step, name="step"),
    path("apply/<str:key>/<str:draft>/", apply.check, name="check"),
    path("receipt/<int:case>/", apply.receipt, name="receipt"),
    path("mine/", mine.mine, name="mine"),
    path("mine/<int:case>/", mine.case, name="case"),
    path("mine/<int:case>/corrections/", mine.corrections, name="corrections"),
    path("mine/<int:case>/withdraw/", mine.withdraw, name="withdraw"),
    path("mine/drafts/<str:draft>/discard/", mine.discard, name="discard"),
    path("files/<int:attachment>/", mine.file, name="file"),
    path("track/", track.track, name="track"),
    path("verify/", verify.verify, name="verify"),
    path("verify/compare/", verify.compare, name="compare"),
    path("v/<str:number>/", verify.landing, name="landing"),
    path("help/", pages.usage, name="help"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("privacy/", pages.privacy, name="privacy"),
]
