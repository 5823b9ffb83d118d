"""`/admin/design/`: every component of the design system, for those who work on the pages. Only where DEBUG or DEMO is
set, and in English: it is documentation."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from core import design
from core.panels import Badge, Panel, Row

ICONS = ("home", "building", "person", "lead", "chat", "calendar", "guest", "zone", "project", "contract", "chart")
PANEL = Panel(
    "sample",
    "Leads",
    ("Lead", "Organization", "Stage", "On"),
    (
        Row(("Battery plant", "日本電気株式会社", Badge("Contacted", "blue"), "2026-11-24"), "#panel-sample"),
        Row(("第二工場の候補地", "Quillmarsh Robotics, Inc.", Badge("Qualified", "green"), Badge("2026-11-19", "red"))),
    ),
    count=1000,
    more_url="#panel-sample",
)
STEPS = (
    ("New", "done"),
    ("Contacted", "done"),
    ("Qualified", "current"),
    ("Converted", "todo"),
    ("Disqualified", "end"),
)


def design_view(site: Any, request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    themes = [
        {"name": theme, "colours": design.colours(theme), "pairs": design.measured(theme)} for theme in design.THEMES
    ]
    context = {
        **site.each_context(request),
        "title": "Design system",
        "themes": themes,
        "sizes": design.named("light", "text-size-"),
        "spaces": design.named("light", "space-"),
        "radii": design.named("light", "radius"),
        "tones": design.TONES,
        "icons": ICONS,
        "sample_panel": PANEL,
        "empty_panel": Panel("sample-empty", "Visits", empty="No visit is recorded yet."),
        "bar": {
            "field": "sample",
            "label": "Stage",
            "sequence": True,
            "steps": [{"label": label, "state": state} for label, state in STEPS],
        },
    }
    return TemplateResponse(request, "admin/design.html", context)
