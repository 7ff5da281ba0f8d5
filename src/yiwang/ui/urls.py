"""Addresses that any surface may link to: elder mode and language, both without script."""

from django.urls import path
from django.views.i18n import set_language

from yiwang.ui import views

app_name = "ui"
urlpatterns = [
    path("elder/", views.elder, name="elder"),
    path("language/", set_language, name="language"),
]
