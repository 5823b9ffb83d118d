"""Which records a list of this app is about."""

from typing import Any

import django_filters as filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.accounts import User
from core.filters import RecordFilterSet, ReferenceFilterSet, ScopedModelChoiceFilter
from crm.models import Channel, Interaction, Lead, LiaisonStation, LostReason, Organization, Person, Sector

EXACT_OR_IN = ["exact", "in"]


class OrganizationFilterSet(RecordFilterSet):
    class Meta:
        model = Organization
        fields = {
            "kind": EXACT_OR_IN,
            "country": EXACT_OR_IN,
            "sectors": ["exact"],
            "parent": ["exact"],
            "corporate_number": ["exact"],
            "credit_code": ["exact"],
            "listed_code": ["exact"],
            "is_sample": ["exact"],
        }


class PersonFilterSet(RecordFilterSet):
    organization = ScopedModelChoiceFilter(
        field_name="affiliations__organization",
        queryset=Organization.objects.all(),
        distinct=True,
        label=_("Organization"),
    )

    class Meta:
        model = Person
        fields = {"language": EXACT_OR_IN, "is_sample": ["exact"]}


class StationFilterSet(RecordFilterSet):
    class Meta:
        model = LiaisonStation
        fields = {"kind": EXACT_OR_IN, "country": EXACT_OR_IN, "host": ["exact"]}


class LeadFilterSet(RecordFilterSet):
    open = filters.BooleanFilter(method="filter_open", label=_("Open"))
    overdue = filters.BooleanFilter(method="filter_overdue", label=_("Next step overdue"))
    without_next_step = filters.BooleanFilter(method="filter_without_next_step", label=_("Without a next step"))
    next_step_after = filters.DateFilter(field_name="next_step_on", lookup_expr="gte", label=_("Next step from"))
    next_step_before = filters.DateFilter(field_name="next_step_on", lookup_expr="lte", label=_("Next step until"))

    class Meta:
        model = Lead
        fields = {
            "stage": EXACT_OR_IN,
            "station": EXACT_OR_IN,
            "owner": EXACT_OR_IN,
            "organization": EXACT_OR_IN,
            "organization__country": EXACT_OR_IN,
            "contact": ["exact"],
            "channel": EXACT_OR_IN,
            "sector": EXACT_OR_IN,
            "referrer": ["exact"],
            "is_sample": ["exact"],
        }

    def filter_open(self, queryset: Any, name: str, value: bool) -> Any:
        open_ones = queryset.open()
        return open_ones if value else queryset.exclude(pk__in=open_ones.values("pk"))

    def filter_overdue(self, queryset: Any, name: str, value: bool) -> Any:
        overdue = queryset.overdue(timezone.localdate())
        return overdue if value else queryset.exclude(pk__in=overdue.values("pk"))

    def filter_without_next_step(self, queryset: Any, name: str, value: bool) -> Any:
        without = queryset.without_next_step()
        return without if value else queryset.exclude(pk__in=without.values("pk"))


# The name that django-filter derives puts two nouns beside each other.
LeadFilterSet.base_filters["organization__country"].label = _("Country of the organization")


class InteractionFilterSet(RecordFilterSet):
    starts_after = filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="gte", label=_("Held on or after"))
    starts_before = filters.IsoDateTimeFilter(field_name="starts_at", lookup_expr="lt", label=_("Held before"))

    class Meta:
        model = Interaction
        fields = {
            "kind": EXACT_OR_IN,
            "station": EXACT_OR_IN,
            "lead": ["exact"],
            "organizations": ["exact"],
            "people": ["exact"],
            "staff": ["exact"],
            "is_sample": ["exact"],
        }


class SectorFilterSet(ReferenceFilterSet):
    class Meta:
        model = Sector
        fields = ["code"]


class ChannelFilterSet(ReferenceFilterSet):
    class Meta:
        model = Channel
        fields = ["code"]


class LostReasonFilterSet(ReferenceFilterSet):
    class Meta:
        model = LostReason
        fields = ["code"]


class UserFilterSet(filters.FilterSet):
    search = filters.CharFilter(method="filter_search", label=_("Search"))

    class Meta:
        model = User
        fields = ["username", "is_active"]

    def filter_search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(Q(username__icontains=value) | Q(full_name__icontains=value))
