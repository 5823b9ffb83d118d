"""The page of the figures of the month, each with a small chart, its table, and the way to its records."""

import datetime
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, figures
from core.admin.links import list_url
from core.admin.navigation import REPORTS, Nav, Page, add_page
from core.figures import Figure, Measure

# A chart in units of its own: one step for each month.
STEP, BAR, HEIGHT = 20, 14, 56
KEPT_SECONDS = 300


@dataclass(frozen=True)
class Bar:
    """One month of a chart, in the chart's units."""

    x: int
    y: str
    height: str
    label: str
    count: str
    tone: str
    url: str


@dataclass(frozen=True)
class Chart:
    """What a figure's tile shows."""

    slug: str
    title: str
    number: str
    comparison: str
    tone: str
    bars: list[Bar]
    list_url: str
    export_url: str
    width: int = STEP * figures.MONTHS
    height: int = HEIGHT


def figures_view(site: Any, request: HttpRequest) -> HttpResponse:
    """With `?part=1` without the frame, for the start page; the browser keeps that for some minutes."""
    today = timezone.localdate()
    charts = [
        _chart(request.user, figures.figure(request.user, made, today), today) for made in figures.offered(request.user)
    ]
    context = {"charts": charts, "month": month_name(today)}
    if "part" in request.GET:
        response = TemplateResponse(request, "admin/includes/figures.html", context)
        response["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
        return response
    context |= {**site.each_context(request), "title": _("Figures of the month")}
    response = TemplateResponse(request, "admin/figures.html", context)
    response["Cache-Control"] = "no-store, private"
    return response


def month_name(day: datetime.date) -> str:
    return date_format(day, "YEAR_MONTH_FORMAT")


def _chart(user: Any, figure: Figure, today: datetime.date) -> Chart:
    made = figure.measure
    after = figures.month_before(today, -1)
    parameters = figures.parameters(made, figure.months[0][0], after)
    comparison = _("%(count)s by this day in %(month)s, %(all)s in the whole month") % {
        "count": number_format(figure.by_this_day, 0),
        "month": month_name(figure.months[0][0]),
        "all": number_format(figure.a_year_ago, 0),
    }
    return Chart(
        made.slug,
        str(made.title),
        number_format(figure.now, 0),
        comparison,
        "green" if figure.now > figure.by_this_day else "amber" if figure.now < figure.by_this_day else "neutral",
        _bars(figure),
        list_url(made.model, **figures.parameters(made, figure.months[-1][0], after)),
        _export_url(user, made, parameters),
    )


def _bars(figure: Figure) -> list[Bar]:
    most = max(count for _day, count in figure.months) or 1
    last = len(figure.months) - 1
    found = []
    for index, (day, count) in enumerate(figure.months):
        height = max(count / most * (HEIGHT - 2), 1.5 if count else 0)
        shown = _list_of_month(figure.measure, day)
        tone = {0: "then", last: "now"}.get(index, "")
        x, y = index * STEP + (STEP - BAR) // 2, f"{HEIGHT - height:.1f}"
        found.append(Bar(x, y, f"{height:.1f}", month_name(day), number_format(count, 0), tone, shown))
    return found


def _list_of_month(made: Measure, day: datetime.date) -> str:
    return list_url(made.model, **figures.parameters(made, day, figures.month_before(day, -1)))


def _export_url(user: Any, made: Measure, parameters: dict[str, str]) -> str:
    """The list's own file of the same records; empty for who may not take it away."""
    if not access.may(user, "export", made.model):
        return ""
    meta = made.model._meta
    try:
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_export")
    except NoReverseMatch:
        return ""
    return f"{address}?{urlencode({'format': 'csv', **parameters})}"


add_page(
    Page(
        "figures",
        gettext_lazy("Figures of the month"),
        Nav(REPORTS, 10, "chart"),
        lambda user: bool(figures.offered(user)),
    )
)
