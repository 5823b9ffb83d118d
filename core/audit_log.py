"""Reading the change history across all records: whose entries a person reaches, and how they are found."""

import datetime
from typing import Any

import django_filters as filters
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core import access
from core.accounts import User
from core.audit import audited_models, search
from core.filters import CheckedDatesFilterSet, ScopedModelChoiceFilter
from core.history import ACTIONS


def reached_entries(user: Any, queryset: QuerySet[Any], action: str) -> QuerySet[Any]:
    """Scope of the change history: an entry is reached where its record is.

    Of a restricted record that no longer exists (a part that was removed) nobody can say whose it was; only those whom
    no scope holds back find its entries here. The history page of the record that it belonged to has them for others.
    """
    if access.sees_all(user):
        return queryset
    shared, reached = [], Q()
    for model in audited_models():
        kind = ContentType.objects.get_for_model(model).pk
        if not access.may_read_history(user, model):
            continue
        if access.is_restricted(model):
            reached |= Q(content_type=kind, object_id__in=access.scoped(user, model).values("pk"))
        else:
            shared.append(kind)
    return queryset.filter(reached | Q(content_type__in=shared))


def kind_name(model: type[Model]) -> str:
    """What records of a kind are called; a part is named after its whole, since several kinds have such parts."""
    name, whole = model._meta.verbose_name, access.whole_of(model)
    return str(capfirst(f"{whole._meta.verbose_name}: {name}" if whole else name))


def _kinds() -> list[tuple[str, str]]:
    kinds = [(model._meta.label_lower, kind_name(model)) for model in audited_models()]
    return sorted(kinds, key=lambda kind: kind[1])


def _midnight(day: datetime.date) -> datetime.datetime:
    """When the day begins for the reader."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


class EntryFilterSet(CheckedDatesFilterSet):
    """Who changed which record when."""

    search = filters.CharFilter(
        method="filter_record", label=_("Record, its number, person, address or day: “L-000123 tokyo 2024-07”.")
    )
    actor = ScopedModelChoiceFilter(queryset=User.objects.all(), label=_("By"))
    kind = filters.ChoiceFilter(method="filter_kind", choices=_kinds, label=_("Kind of record"))
    action = filters.ChoiceFilter(choices=tuple(ACTIONS.items()), label=_("What was done"))
    since = filters.DateFilter(method="filter_since", label=_("On or after"))
    until = filters.DateFilter(method="filter_until", label=_("On or before"))
    request = filters.CharFilter(field_name="cid", label=_("Request"))

    class Meta:
        model = LogEntry
        fields: tuple[str, ...] = ()

    def filter_record(self, queryset: Any, name: str, value: str) -> Any:
        return search(queryset, value)

    def filter_kind(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(content_type=ContentType.objects.get_by_natural_key(*value.split(".")))

    def filter_since(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset.filter(timestamp__gte=_midnight(value))

    def filter_until(self, queryset: Any, name: str, value: datetime.date) -> Any:
        return queryset.filter(timestamp__lt=_midnight(value + datetime.timedelta(days=1)))


access.register(LogEntry, reached_entries)
