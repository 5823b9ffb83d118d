"""Which records a list of this app is about."""

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from core.filters import RecordFilterSet, ScopedModelChoiceFilter
from crm.models import Organization
from projects.models import Batch, Contract, Project, Zone

EXACT_OR_IN = ["exact", "in"]


class ZoneFilterSet(RecordFilterSet):
    class Meta:
        model = Zone
        fields = {"parent": ["exact"], "planner": ["exact"], "city": ["exact"], "is_sample": ["exact"]}


class ProjectFilterSet(RecordFilterSet):
    investor = ScopedModelChoiceFilter(
        field_name="investors__organization", queryset=Organization.objects.all(), distinct=True, label=_("Investor")
    )

    in_progress = filters.BooleanFilter(method="filter_in_progress", label=_("In progress"))

    class Meta:
        model = Project
        fields = {
            "stage": EXACT_OR_IN,
            "status": EXACT_OR_IN,
            "station": EXACT_OR_IN,
            "owner": EXACT_OR_IN,
            "zone": EXACT_OR_IN,
            "sector": EXACT_OR_IN,
            "lead": ["exact"],
            "is_sample": ["exact"],
        }

    def filter_in_progress(self, queryset: Any, name: str, value: bool) -> Any:
        in_progress = queryset.in_progress()
        return in_progress if value else queryset.exclude(pk__in=in_progress.values("pk"))


class ContractFilterSet(RecordFilterSet):
    signed_after = filters.DateFilter(field_name="signed_on", lookup_expr="gte", label=_("Signed on or after"))
    signed_before = filters.DateFilter(field_name="signed_on", lookup_expr="lt", label=_("Signed before"))
    without_document = filters.BooleanFilter(method="filter_without_document", label=_("Without a document"))
    party = ScopedModelChoiceFilter(
        field_name="parties__organization", queryset=Organization.objects.all(), distinct=True, label=_("Party")
    )

    class Meta:
        model = Contract
        fields = {
            "kind": EXACT_OR_IN,
            "station": EXACT_OR_IN,
            "owner": EXACT_OR_IN,
            "zone": EXACT_OR_IN,
            "project": ["exact"],
            "event": EXACT_OR_IN,
            "batch": EXACT_OR_IN,
            "is_sample": ["exact"],
        }

    def filter_without_document(self, queryset: Any, name: str, value: bool) -> Any:
        without = queryset.without_document()
        return without if value else queryset.exclude(pk__in=without.values("pk"))


class BatchFilterSet(RecordFilterSet):
    class Meta:
        model = Batch
        fields = {"session": ["exact"], "session__event": ["exact"], "is_sample": ["exact"]}
