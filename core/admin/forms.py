"""Forms of the staff site: the version check of every record form, and the small forms of record actions."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.utils.choices import BaseChoiceIterator
from django.utils.translation import gettext_lazy as _

from core import access
from core.admin.widgets import RecordSelect, RecordSelectMultiple
from core.records import Checked
from core.reference import ReferenceItem, refuse_retired_links
from core.stages import Flow

VERSION = "record_version"


class EntriesInUse(BaseChoiceIterator):
    """The choices of a reference list without its retired entries, but with the one that is chosen already."""

    def __init__(self, choices: Any, chosen: Any) -> None:
        self.choices, self.chosen = choices, chosen

    def __iter__(self) -> Iterator[Any]:
        return (choice for choice in self.choices if self._is_offered(choice[0]))

    def _is_offered(self, value: Any) -> bool:
        return not value or value.value == self.chosen or not value.instance.is_retired()


class ScopedForm(forms.ModelForm):
    """Relations to records out of the user's sight, which the choices of the page leave out, look empty and stay."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unseen: dict[str, list[Any]] = {}
        self._offer_entries_in_use()
        if self.instance.pk:
            self._hide_unseen()
            self._share_what_is_read()

    def _offer_entries_in_use(self) -> None:
        for name, field in self.fields.items():
            queryset: Any = getattr(field, "queryset", None)
            typed = isinstance(inner(field.widget), RecordSelect | RecordSelectMultiple)
            if queryset is not None and issubclass(queryset.model, ReferenceItem) and not typed:
                widget: Any = field.widget
                widget.choices = EntriesInUse(widget.choices, self.initial.get(name))

    def _hide_unseen(self) -> None:
        self._unseen = self._find_unseen()
        for name, kept in self._unseen.items():
            field = self.fields[name]
            field.required = False
            many = isinstance(field, forms.ModelMultipleChoiceField)
            self.initial[name] = [item for item in self.initial[name] if item not in kept] if many else None

    def _find_unseen(self) -> dict[str, list[Any]]:
        """The linked records that are not on offer, by field."""
        found = {}
        for name, field in self.fields.items():
            # What all staff share is asked for only where the user has no right to it at all.
            if name == getattr(self.instance, "whole", None):
                continue
            if isinstance(field, forms.ModelChoiceField) and self.initial.get(name) and _may_hide(field.queryset):
                linked = self._linked(name)
                if unseen := list(linked.exclude(pk__in=field.queryset.values("pk"))):  # type: ignore[union-attr]
                    found[name] = unseen
        return found

    def _share_what_is_read(self) -> None:
        """The widgets name records that came with the instance (`PartInline.get_queryset`): no query for each row."""
        for name, field in self.fields.items():
            widget = inner(field.widget)
            initial = self.initial.get(name)
            if not initial or not isinstance(widget, RecordSelect | RecordSelectMultiple):
                continue
            relation: Any = self.instance._meta.get_field(name)
            if relation.many_to_many:
                widget.known = {record.pk: record for record in initial}
            elif relation.is_cached(self.instance):
                widget.known = {initial: getattr(self.instance, name)}

    def _linked(self, name: str) -> Any:
        field: Any = self.instance._meta.get_field(name)
        if field.many_to_many:
            return getattr(self.instance, name).all()
        return field.related_model._base_manager.filter(pk=getattr(self.instance, field.attname))

    def clean(self) -> dict[str, Any]:
        """An empty field keeps what it did not show; links to several records are added to those not shown."""
        super().clean()
        for name, kept in self._unseen.items():
            if name in self.errors:
                continue
            if isinstance(self.fields[name], forms.ModelMultipleChoiceField):
                self.cleaned_data[name] = [*self.cleaned_data[name], *kept]
            else:
                self.cleaned_data[name] = self.cleaned_data[name] or kept[0]
        for name, chosen in self.cleaned_data.items():
            if isinstance(self.fields[name], forms.ModelMultipleChoiceField):
                refuse_retired_links(self.instance, name, chosen)
                if isinstance(self.instance, Checked):
                    self.instance.clean_links(name, chosen)
        return self.cleaned_data


def inner(widget: Any) -> Any:
    """The widget itself, without the frame of links that the admin puts around it."""
    return getattr(widget, "widget", widget)


def _may_hide(queryset: Any) -> bool:
    return bool(queryset.query.is_empty()) or access.is_restricted(queryset.model)


class RecordForm(ScopedForm):
    """Carries the version that the page was opened with; a newer one in the database is a conflict, not overwritten."""

    record_version = forms.IntegerField(label="", widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conflict: dict[str, Any] | None = None
        if self.instance.pk and VERSION in self.fields:
            self.fields[VERSION].initial = self.instance.version

    def full_clean(self) -> None:
        stored = self._stored_values() if self.is_bound and self.instance.pk else {}
        super().full_clean()
        if stored and self._is_stale():
            self._report_conflict(stored)

    def _stored_values(self) -> dict[str, Any]:
        """What the database holds, read before cleaning writes the user's values into the instance."""
        return {name: self.get_initial_for_field(field, name) for name, field in self.fields.items() if name != VERSION}

    def _is_stale(self) -> bool:
        # A form that does not say what it has read is as stale as one that has read something else.
        return VERSION in self.fields and self.data.get(self.add_prefix(VERSION)) != str(self.instance.version)

    def _report_conflict(self, stored: dict[str, Any]) -> None:
        changed = [
            {"label": self.fields[name].label, "theirs": self._shown(name, value), "yours": self._yours(name)}
            for name, value in stored.items()
            if self.fields[name].has_changed(value, self._posted(name))
        ]
        self.conflict = {
            "by": self.instance.updated_by or _("somebody"),
            "at": self.instance.updated_at,
            "fields": changed,
        }
        message = _(
            "Somebody else saved this record while you were editing. Nothing of yours is stored yet: compare below, "
            "then save again to keep your values."
        )
        self.add_error(None, ValidationError(message, code="conflict"))
        # The next save is a decision made in sight of both values.
        data: Any = self.data
        self.data = data = data.copy()
        data[self.add_prefix(VERSION)] = str(self.instance.version)

    def _posted(self, name: str) -> Any:
        return self.fields[name].widget.value_from_datadict(self.data, self.files, self.add_prefix(name))

    def _yours(self, name: str) -> str:
        return self._shown(name, self.cleaned_data.get(name, self._posted(name)))

    def _shown(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ModelMultipleChoiceField):
            pks = [getattr(item, "pk", item) for item in value or ()]
            return ", ".join(str(item) for item in field.queryset.filter(pk__in=pks))  # type: ignore[union-attr]
        if isinstance(field, forms.ModelChoiceField):
            pk = getattr(value, "pk", value)
            return str(field.queryset.filter(pk=pk).first() or "") if pk else ""  # type: ignore[union-attr]
        if isinstance(field, forms.ChoiceField):
            return str(dict(field.choices).get(value, value or ""))  # type: ignore[arg-type]
        return "" if value is None else str(value)


class ReasonForm(forms.Form):
    """Why a record is archived."""

    reason = forms.CharField(label=_("Reason"), max_length=255, widget=forms.Textarea(attrs={"rows": 3}))


class RestoreForm(forms.Form):
    """Nothing to fill in; the page asks for confirmation."""


def move_form(user: Any, record: Any, flow: Flow, to: str, data: Any = None) -> forms.Form:
    """The form of one move: a reason, and the further fields of that flow's history rows where they matter."""
    model = record._meta.get_field(flow.changes).related_model
    fields: dict[str, forms.Field] = {
        "reason": forms.CharField(
            label=_("Why"), required=flow.needs_reason(record, to), widget=forms.Textarea(attrs={"rows": 3})
        )
    }
    for name in flow.asks.get(to, ()):
        field: Any = model._meta.get_field(name).formfield()
        field.required = name in flow.requires.get(to, {})
        if (queryset := getattr(field, "queryset", None)) is not None:
            reached = access.scoped(user, queryset)
            field.queryset = reached.in_use() if hasattr(reached, "in_use") else reached
        if isinstance(field, forms.DateField):
            field.widget = AdminDateWidget()
        fields[name] = field
    form_class = type("MoveForm", (forms.Form,), fields)
    return form_class(data)
