"""The small pages beside a record's form: archive, restore, move on."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from core.admin.forms import ReasonForm, RestoreForm, move_form
from core.admin.links import record_url
from core.admin.lists import ResourceAdmin
from core.records import StaleRecord


def _to_form(form: forms.Form, error: ValidationError) -> None:
    """Puts a rule's errors at the form's fields, those without a field at the top."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


class RecordPages(ResourceAdmin):
    """Each page asks with a small form and carries the use case out as one transaction."""

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=self._page(name).split(":")[1])

        return [
            page("<int:pk>/archive/", self.archive_view, "archive"),
            page("<int:pk>/restore/", self.restore_view, "restore"),
            page("<int:pk>/move/<slug:field>/<slug:to>/", self.move_view, "move"),
            *super().get_urls(),
        ]

    def _reach(self, request: HttpRequest, pk: int, action: str) -> Any:
        """The record, if the user may do this to it; 404 where it is out of sight, 403 where the right is missing."""
        record = self.get_queryset(request).filter(pk=pk).first() if pk < 2**63 else None
        if record is None:
            raise Http404
        if not self._may(request, action, record):
            raise PermissionDenied
        return record

    def _ask(
        self, request: HttpRequest, record: Any, form: forms.Form, title: str, submit: str, tone: str = "neutral"
    ) -> Any:
        context = {
            **self.admin_site.each_context(request),
            "title": title, "record": record, "form": form, "submit_label": submit, "tone": tone,
            "opts": self.opts, "cancel_url": record_url(record), "media": self.media + form.media,
        }  # fmt: skip
        return TemplateResponse(request, "admin/record_action.html", context)

    def _carry_out(self, request: HttpRequest, form: forms.Form, record: Any, act: Any, done: str) -> bool:
        """Runs `act` if the form is right; errors of the rule go to the form's fields."""
        if not form.is_valid():
            return False
        try:
            with transaction.atomic():
                act()
        except StaleRecord:
            form.add_error(None, _("Somebody else changed this record just now. Look at it again before you go on."))
            return False
        except ValidationError as error:
            _to_form(form, error)
            return False
        messages.success(request, done % {"record": record})
        return True

    def archive_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self._reach(request, pk, "archive")
        form = ReasonForm(request.POST or None)
        done = _("“%(record)s” is archived. It is kept, and can be restored.")
        if request.method == "POST" and self._carry_out(
            request, form, record, lambda: record.archive(form.cleaned_data["reason"]), done
        ):
            return HttpResponseRedirect(record_url(record))
        return self._ask(request, record, form, _("Archive this record?"), _("Archive"), "red")

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        record = self._reach(request, pk, "restore")
        form = RestoreForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and self._carry_out(
            request, form, record, record.restore, _("“%(record)s” is back in the lists.")
        ):
            return HttpResponseRedirect(record_url(record))
        return self._ask(request, record, form, _("Restore this record?"), _("Restore"))

    def move_view(self, request: HttpRequest, pk: int, field: str, to: str) -> HttpResponse:
        record = self._reach(request, pk, "change")
        flow = next((flow for flow in getattr(record, "flows", ()) if flow.field == field), None)
        if flow is None or to not in flow.choices(record):
            raise Http404
        form = move_form(request.user, record, flow, to, request.POST if request.method == "POST" else None)
        label = dict(record._meta.get_field(field).choices)[to]
        if request.method == "POST" and self._carry_out(
            request, form, record, lambda: flow.move(record, to, **form.cleaned_data), _("“%(record)s” is moved on.")
        ):
            return HttpResponseRedirect(record_url(record))
        return self._ask(request, record, form, _("Move to “%(stage)s”") % {"stage": label}, _("Move"))
