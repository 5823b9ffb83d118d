"""The addresses of the whole site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from core.calendar_feed import feed_view
from core.downloads import serve
from core.health import livez, readyz
from core.languages import set_language

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index", http_method_names=["get", "head"]), name="start"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("config.api")),
    path("calendar/<slug:secret>.ics", feed_view, name="calendar-feed"),
    path("files/<path:name>", serve, name="file"),
    path("set-language/", set_language, name="set-language"),
    path("livez", livez, name="livez"),
    path("readyz", readyz, name="readyz"),
]

handler400 = "core.api.handlers.bad_request"
handler403 = "core.api.handlers.permission_denied"
handler404 = "core.api.handlers.page_not_found"
handler500 = "core.api.handlers.server_error"
