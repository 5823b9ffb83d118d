"""The page of the search over everything (`core.global_search`)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin.links import list_url, record_url
from core.global_search import LONGEST_QUERY, Group, find
from core.panels import Panel, Row


def search_view(site: Any, request: HttpRequest) -> HttpResponse:
    """What is found by `?q=`, kind by kind."""
    text = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    context = {
        **site.each_context(request),
        "title": _("Search"),
        "query": text,
        "groups": [_panel(group, text) for group in find(request.user, text)],
    }
    return TemplateResponse(request, "admin/search.html", context)


def _panel(group: Group, text: str) -> Panel:
    meta = group.resource.model._meta
    rows = [Row((str(record), record.detail, record.reference), record_url(record)) for record in group.records]
    return Panel(
        group.resource.slug,
        str(capfirst(meta.verbose_name_plural)),
        (_("Name"), _("Details"), _("Reference")),
        rows,
        more_url=list_url(group.resource.model, search=text) if group.more else None,
    )
