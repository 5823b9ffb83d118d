"""Which records a list of this app is about."""

from typing import Any

import django_filters as filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.filters import RecordFilterSet, ReferenceFilterSet
from events.models import Event, EventKind, Guest, Session, Visit

EXACT_OR_IN = ["exact", "in"]


class EventFilterSet(RecordFilterSet):
    upcoming = filters.BooleanFilter(method="filter_upcoming", label=_("Upcoming"))
    starts_after = filters.DateFilter(field_name="starts_on", lookup_expr="gte", label=_("Begins on or after"))
    starts_before = filters.DateFilter(field_name="starts_on", lookup_expr="lt", label=_("Begins before"))

    class Meta:
        model = Event
        fields = {
            "kind": EXACT_OR_IN,
            "kind__is_delegation": ["exact"],
            "status": EXACT_OR_IN,
            "station": EXACT_OR_IN,
            "owner": EXACT_OR_IN,
            "country": EXACT_OR_IN,
            "city": ["exact"],
            "is_sample": ["exact"],
        }

    def filter_upcoming(self, queryset: Any, name: str, value: bool) -> Any:
        upcoming = queryset.upcoming(timezone.localdate())
        return upcoming if value else queryset.exclude(pk__in=upcoming.values("pk"))


class SessionFilterSet(RecordFilterSet):
    class Meta:
        model = Session
        fields = {"event": EXACT_OR_IN, "kind": EXACT_OR_IN, "unveils": ["exact"], "is_sample": ["exact"]}


class GuestFilterSet(RecordFilterSet):
    awaited = filters.BooleanFilter(method="filter_awaited", label=_("Answer awaited"))

    class Meta:
        model = Guest
        fields = {
            "event": EXACT_OR_IN,
            "person": ["exact"],
            "organization": ["exact"],
            "role": EXACT_OR_IN,
            "invitation": EXACT_OR_IN,
            "attendance": EXACT_OR_IN,
            "lead": ["exact"],
            "is_sample": ["exact"],
        }

    def filter_awaited(self, queryset: Any, name: str, value: bool) -> Any:
        awaited = queryset.awaited(timezone.localdate())
        return awaited if value else queryset.exclude(pk__in=awaited.values("pk"))


class VisitFilterSet(RecordFilterSet):
    class Meta:
        model = Visit
        fields = {
            "delegation": EXACT_OR_IN,
            "organization": EXACT_OR_IN,
            "hosts": ["exact"],
            "delegates": ["exact"],
            "lead": ["exact"],
            "is_sample": ["exact"],
        }


class EventKindFilterSet(ReferenceFilterSet):
    class Meta:
        model = EventKind
        fields = ["code", "is_delegation"]
