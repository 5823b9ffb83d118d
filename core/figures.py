"""Figures of the month: how many records of a kind fall into each month of the last year, of those a reader reaches.

Apps contribute measures. A month is counted by the range of an indexed field, each side of a scope by itself, so that a
figure costs what it counts. Moments belong to the month that they have where the reader is.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db.models import DateTimeField, Model
from django.utils import timezone

from core import access
from core.arms import split
from core.list_plan import compiled, counted

MONTHS = 13  # this one and the same of last year, with those between


@dataclass(frozen=True)
class Measure:
    """Records of a model by a date or moment; `parameters` are the list's own filters for "from" and "before"."""

    slug: str
    title: Any
    model: type[Model]
    field: str
    parameters: tuple[str, str]
    order: int


@dataclass(frozen=True)
class Figure:
    """`months`: the first days of the months, oldest first, each with its count; `by_this_day`: of the same month last
    year, up to the day that is today."""

    measure: Measure
    months: Sequence[tuple[datetime.date, int]]
    by_this_day: int

    @property
    def now(self) -> int:
        return self.months[-1][1]

    @property
    def a_year_ago(self) -> int:
        return self.months[0][1]


_measures: dict[str, Measure] = {}


def measure(made: Measure) -> None:
    _measures[made.slug] = made


def offered(user: Any) -> list[Measure]:
    """The measures of records that the user may see."""
    found = (made for made in _measures.values() if access.may(user, "view", made.model))
    return sorted(found, key=lambda made: made.order)


def month_before(day: datetime.date, months: int) -> datetime.date:
    """The first day of the month that lies so many before that of `day`; negative for later ones."""
    count = day.year * 12 + day.month - 1 - months
    return datetime.date(count // 12, count % 12 + 1, 1)


def figure(user: Any, made: Measure, today: datetime.date) -> Figure:
    """One query."""
    starts = [month_before(today, back) for back in range(MONTHS - 1, -2, -1)]
    year_ago = starts[0]
    same_day = min(year_ago + datetime.timedelta(days=today.day), starts[1])
    ranges = [*pairwise(starts), (year_ago, same_day)]
    arms = split(access.scoped(user, made.model).active())
    selects = [compiled(_within(arm, made, *limits)) for limits in ranges for arm in arms]
    found = counted(arms[0].db, selects)
    sums = [sum(found[i : i + len(arms)]) for i in range(0, len(found), len(arms))]
    return Figure(made, list(zip(starts, sums[:MONTHS], strict=False)), sums[-1])


def _within(queryset: Any, made: Measure, start: datetime.date, end: datetime.date) -> Any:
    limits = {f"{made.field}__gte": moment(made, start), f"{made.field}__lt": moment(made, end)}
    return queryset.filter(**limits).order_by().values("pk")


def moment(made: Measure, day: datetime.date) -> datetime.date:
    """Where the day begins, in the form of the measured field."""
    if isinstance(made.model._meta.get_field(made.field), DateTimeField):
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
    return day


def parameters(made: Measure, start: datetime.date, end: datetime.date) -> dict[str, str]:
    """The filters of the list that hold the records from `start` until the day before `end`."""
    names, days = made.parameters, (start, end)
    return {name: moment(made, day).isoformat() for name, day in zip(names, days, strict=True)}
