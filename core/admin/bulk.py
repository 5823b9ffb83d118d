"""Changes to many records chosen in a list: looked at first, then all of them or none."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import access
from core.admin.forms import ReasonForm, RestoreForm, inner
from core.admin.pages import RecordPages
from core.bulk import MOST, BulkRefused, Wanted, change_many

TITLES = {
    "change": gettext_lazy("Change these records?"),
    "archive": gettext_lazy("Archive these records?"),
    "restore": gettext_lazy("Restore these records?"),
}
BUTTONS = {
    "change": gettext_lazy("Change all"),
    "archive": gettext_lazy("Archive all"),
    "restore": gettext_lazy("Restore all"),
}


class BulkChangeForm(forms.Form):
    """Values for all records; what stays empty stays as it is."""

    def clean(self) -> dict[str, Any]:
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        if not given and not self.errors:
            raise ValidationError(_("Fill in at least one field."), "empty")
        return given


def _wanted(posted: list[str]) -> list[Wanted]:
    """Reads `<id>:<version>` as the page wrote it. Raises Http404 for anything else."""
    pairs = [text.partition(":")[::2] for text in posted]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for pair in pairs for part in pair):
        raise Http404
    return [Wanted(int(pk), int(version)) for pk, version in pairs]


def _left_alone(field: Any) -> Any:
    """A field whose empty value says that nothing changes."""
    field.required, field.initial = False, None
    unchanged = _("(unchanged)")
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = unchanged
        inner(field.widget).placeholder = unchanged
    elif isinstance(field, forms.ChoiceField):
        given: Any = field.choices
        field.choices = [("", unchanged), *(choice for choice in given if choice[0])]
    else:
        field.widget.attrs["placeholder"] = unchanged
    return field


def _shown(record: Any, name: str) -> Any:
    value = getattr(record, f"get_{name}_display", lambda: getattr(record, name))()
    return "" if value is None else value


class BulkPages(RecordPages):
    """Actions on the records chosen in a list. `bulk_fields` are the fields that many records can be given at once."""

    bulk_fields: ClassVar[tuple[str, ...]] = ()
    actions = ("change_chosen", "archive_chosen", "restore_chosen")  # type: ignore[assignment]

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return access.may(request.user, "archive", self.model)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only what can be done with the records that the list shows."""
        shown = request.GET.get("archived")
        hidden = {"true": ["change_chosen", "archive_chosen"], "all": []}.get(shown or "", ["restore_chosen"])
        if not self.bulk_fields:
            hidden = [*hidden, "change_chosen"]
        return {name: action for name, action in super().get_actions(request).items() if name not in hidden}

    @admin.action(description=gettext_lazy("Change…"), permissions=["change"])
    def change_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._choose(request, "change", queryset)

    @admin.action(description=gettext_lazy("Archive…"), permissions=["archive"])
    def archive_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._choose(request, "archive", queryset)

    @admin.action(description=gettext_lazy("Restore…"), permissions=["archive"])
    def restore_chosen(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._choose(request, "restore", queryset)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.bulk_view)
        return [path("bulk/<slug:action>/", view, name=self._page("bulk").split(":")[1]), *super().get_urls()]

    def _choose(self, request: HttpRequest, action: str, queryset: Any) -> HttpResponse | None:
        pks = list(queryset.order_by().values_list("pk", flat=True)[: MOST + 1])
        if len(pks) > MOST:
            message = _("At most %(most)d records can be changed at once. Narrow the list, or choose fewer.")
            messages.error(request, message % {"most": MOST})
            return None  # Django shows the list again
        return self._ask_about(request, action, self._form(request, action, None), pks, {})

    def bulk_view(self, request: HttpRequest, action: str) -> HttpResponse:
        """Carries out what the page asked about."""
        if action not in TITLES:
            raise Http404
        if not access.may(request.user, action, self.model):
            raise PermissionDenied
        wanted = _wanted(request.POST.getlist("record"))
        if not wanted or len(wanted) > MOST:
            return HttpResponseRedirect(reverse(self._page("changelist")))
        form, errors = self._form(request, action, request.POST), {}
        if form.is_valid():
            try:
                return self._carry_out_all(request, action, wanted, form)
            except BulkRefused as refused:
                errors = {wanted[n].pk: getattr(error, "messages", [str(error)]) for n, error in refused.errors.items()}
                form.add_error(None, _("Nothing was changed: not all of these records can be. See below."))
        return self._ask_about(request, action, form, [item.pk for item in wanted], errors)

    def _carry_out_all(self, request: HttpRequest, action: str, wanted: list[Wanted], form: Any) -> HttpResponse:
        changed = change_many(self.resource, request.user, action, wanted, self._change(action, form.cleaned_data))
        done = ngettext("%(count)d record is changed.", "%(count)d records are changed.", len(changed))
        messages.success(request, done % {"count": len(changed)})
        return HttpResponseRedirect(reverse(self._page("changelist")))

    def _change(self, action: str, values: dict[str, Any]) -> Callable[[Any], object]:
        def change(record: Any) -> None:
            for name, value in values.items():
                setattr(record, name, value)
            record.full_clean()
            record.save()

        return {
            "change": change,
            "archive": lambda record: record.archive(values["reason"]),
            "restore": lambda record: record.restore(),
        }[action]

    def _form(self, request: HttpRequest, action: str, data: Any) -> forms.Form:
        if action != "change":
            return {"archive": ReasonForm, "restore": RestoreForm}[action](data)
        fields = {}
        for name in self.bulk_fields:
            field: Any = self.formfield_for_dbfield(self.model._meta.get_field(name), request)
            fields[name] = _left_alone(field)
        return type("ChosenForm", (BulkChangeForm,), fields)(data)

    def _ask_about(
        self, request: HttpRequest, action: str, form: forms.Form, pks: list[Any], errors: dict[Any, list[str]]
    ) -> HttpResponse:
        """The page before the change: what would change, and what stands in the way. Its versions are those shown."""
        shown = self.bulk_fields if action == "change" else ()
        relations = [name for name in shown if self.model._meta.get_field(name).is_relation]
        records = self.resource.ordered(self.resource.all(request.user, action).filter(pk__in=pks))
        rows = [
            {
                "record": record, "value": f"{record.pk}:{record.version}", "errors": errors.get(record.pk, []),
                "cells": [_shown(record, name) for name in shown],
            }
            for record in records.select_related(*relations)
        ]  # fmt: skip
        headings = [capfirst(self.model._meta.get_field(name).verbose_name) for name in shown]
        context = {
            **self.admin_site.each_context(request),
            "title": TITLES[action], "form": form, "rows": rows, "headings": headings, "opts": self.opts,
            "description": _("What you leave empty stays as it is.") if action == "change" else "",
            "submit_label": BUTTONS[action], "tone": "red" if action == "archive" else "neutral",
            "action_url": reverse(self._page("bulk"), args=[action]),
            "cancel_url": reverse(self._page("changelist")), "media": self.media + form.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/bulk_action.html", context)
