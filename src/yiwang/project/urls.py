"""Addresses of the surfaces."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "yiwang.ui.errors.bad_request"
handler403 = "yiwang.ui.errors.forbidden"
handler404 = "yiwang.ui.errors.not_found"
handler500 = "yiwang.ui.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("yiwang.project.health.urls")),
    path("ui/", include("yiwang.ui.urls")),
    path("id/", include("yiwang.sites.identity.urls")),
    path("admin/", include("yiwang.sites.administration.urls")),
    path("desk/", include("yiwang.sites.desk.urls")),
    path("", include("yiwang.sites.hall.urls")),
]
