"""The API under /api/v1/: the one place that knows the resources of every app."""

from django.urls import path, re_path

from core.api.documentation import DocumentationView, SchemaView
from core.api.routers import UNKNOWN, RootView, Router
from core.api.search import SearchView
from crm.api import VIEWSETS as CRM
from events.api import VIEWSETS as EVENTS
from projects.api import VIEWSETS as PROJECTS

router = Router()
for viewsets in (CRM, EVENTS, PROJECTS):
    router.add(viewsets)

urlpatterns = [
    path("", RootView.as_view(slugs=router.slugs()), name="api-root"),
    re_path("^search/?$", SearchView.as_view(), name="api-search"),
    re_path("^schema/?$", SchemaView.as_view(), name="schema"),
    re_path("^docs/?$", DocumentationView.as_view(), name="api-docs"),
    *router.urls,
    UNKNOWN,
]
