"""The base of every FilterSet: which records a list, an export, an API call or a report is about."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import django_filters as filters
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ModelMultipleChoiceField

from core import access
from core.choices import ChosenRecords
from core.dates import validate_year
from core.merges import with_merged

ARCHIVED_CHOICES = (("false", _("Current records")), ("true", _("Archived records")), ("all", _("All records")))


class ScopedChoices:
    """Offers and accepts only records that the reader may see; any other id is "not a valid choice". One that was
    merged stands for the record that it was merged into, so that stored filters go on finding what they found."""

    extra: dict[str, Any]

    def get_queryset(self, request: Any) -> Any:
        return access.scoped(getattr(request, "user", None), with_merged(self.extra["queryset"].model))

    def filter(self, queryset: Any, value: Any) -> Any:
        meant = _kept(value) if isinstance(value, models.Model) else value
        if isinstance(value, list | tuple | models.QuerySet):
            meant = [_kept(item) for item in value]
        return super().filter(queryset, meant)  # type: ignore[misc]


def _kept(record: Any) -> Any:
    return getattr(record, "merged_into", None) or record


class ScopedModelChoiceFilter(ScopedChoices, filters.ModelChoiceFilter):
    """One record."""


class RecordsField(ChosenRecords, ModelMultipleChoiceField):
    """Several records by id, as django-filter draws them."""


class ScopedModelMultipleChoiceFilter(ScopedChoices, filters.ModelMultipleChoiceFilter):
    """Several records."""

    field_class = RecordsField


class ChoiceInFilter(filters.BaseInFilter, filters.ChoiceFilter):
    """Several choices, comma separated; an unknown one is an error, not a shorter list."""


def _related(field: Any) -> dict[str, Any]:
    return {"queryset": field.remote_field.model._default_manager.all()}


class CheckedDatesFilterSet(filters.FilterSet):
    """Asks of dates what records ask of theirs (`core.dates`)."""

    def get_form_class(self) -> Any:
        form_class = super().get_form_class()
        for field in form_class.base_fields.values():
            if isinstance(field, forms.DateField | forms.DateTimeField):
                field.validators = [*field.validators, validate_year]
        return form_class


class RecordFilterSet(CheckedDatesFilterSet):
    """Search, time of creation and archive state; subclasses add `Meta.fields`."""

    search = filters.CharFilter(method="filter_search", label=_("Search"))
    created_after = filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="gte", label=_("Created on or after"), widget=forms.DateInput
    )
    created_before = filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="lt", label=_("Created before"), widget=forms.DateInput
    )
    archived = filters.ChoiceFilter(
        method="filter_archived", choices=ARCHIVED_CHOICES, label=_("Archive"), empty_label=None
    )

    FILTER_DEFAULTS = {
        **filters.FilterSet.FILTER_DEFAULTS,
        models.ForeignKey: {"filter_class": ScopedModelChoiceFilter, "extra": _related},
        models.OneToOneField: {"filter_class": ScopedModelChoiceFilter, "extra": _related},
        models.ManyToManyField: {"filter_class": ScopedModelMultipleChoiceFilter, "extra": _related},
    }

    @classmethod
    def filter_for_lookup(cls, field: Any, lookup_type: str) -> Any:
        if lookup_type == "in" and getattr(field, "choices", None):
            return ChoiceInFilter, {"choices": field.choices}
        return super().filter_for_lookup(field, lookup_type)

    def filter_search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def filter_archived(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.archived() if value == "true" else queryset

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        if not self.form.cleaned_data.get("archived") or self.form.cleaned_data["archived"] == "false":
            queryset = queryset.active()
        return queryset


class ReferenceFilterSet(filters.FilterSet):
    """Filters of reference lists."""

    search = filters.CharFilter(method="filter_search", label=_("Search"))
    in_use = filters.BooleanFilter(method="filter_in_use", label=_("In use"))

    def filter_search(self, queryset: Any, name: str, value: str) -> Any:
        condition = models.Q(code__icontains=value)
        for field in ("name_en", "name_zh", "name_ja"):
            condition |= models.Q(**{f"{field}__icontains": value})
        return queryset.filter(condition)

    def filter_in_use(self, queryset: Any, name: str, value: bool) -> Any:
        in_use = queryset.in_use()
        return in_use if value else queryset.exclude(pk__in=in_use.values("pk"))


def names_of(name: str, declared: Any) -> list[str]:
    """The parameters that one filter reads: its name, or one for each end of a range."""
    widget = declared.extra.get("widget") or getattr(declared.field_class, "widget", None)
    suffixes = getattr(widget, "suffixes", None) or [None]
    return [f"{name}_{suffix}" if suffix else name for suffix in suffixes]


@cache
def _parameters(filterset: Any) -> dict[str, str]:
    """The name of the filter that reads each parameter."""
    return {found: name for name, declared in filterset.base_filters.items() for found in names_of(name, declared)}


def filter_names(filterset: Any) -> list[str]:
    return list(_parameters(filterset))


def asked_filters(filterset: Any, params: Mapping[str, Any], **options: Any) -> Any:
    """The filter set with those filters alone that the parameters name. To make all of them, with their form, takes
    longer than the query of a page."""
    names = {name for found, name in _parameters(filterset).items() if found in params}
    asked = filterset.__new__(filterset)
    # Copied from here, instead of from the class, when it is initialised.
    asked.base_filters = {name: found for name, found in filterset.base_filters.items() if name in names}
    asked.__init__(params, **options)
    return asked
