"""Addresses of the administration."""

from django.urls import path

from yiwang.sites.administration.views import calendar, changes, health, imports, organisation, people, shell

app_name = "administration"
urlpatterns = [
    path("", organisation.show, name="organisation"),
    path("seek/", organisation.seek, name="seek"),
    path("theme/", shell.theme, name="theme"),
    path("units/new/", organisation.found, name="unit_new"),
    path("units/<int:unit>/", organisation.change, name="unit"),
    path("units/<int:unit>/close/", organisation.close, name="unit_close"),
    path("units/<int:unit>/posts/", organisation.post, name="post"),
    path("people/new/", people.add, name="person_new"),
    path("people/<int:person>/", people.change, name="person"),
    path("people/<int:person>/posts/", people.into_post, name="appoint"),
    path("holdings/<int:holding>/", people.out_of_post, name="holding"),
    path("imports/", imports.imports, name="imports"),
    path("imports/template/", imports.sheet, name="import_sheet"),
    path("imports/<int:batch>/", imports.one, name="import"),
    path("imports/<int:batch>/take/", imports.take, name="import_take"),
    path("imports/<int:batch>/undo/", imports.undo, name="import_undo"),
    path("health/", health.show, name="health"),
    path("health/retry/", health.retry, name="jobs_retry"),
    path("health/discard/", health.discard, name="jobs_discard"),
    path("calendar/", calendar.show, name="calendar"),
    path("calendar/load/", calendar.load, name="calendar_load"),
    path("calendar/day/", calendar.change, name="calendar_day"),
    path("changes/", changes.show, name="changes"),
]
