"""The base of every admin class of a business record.

Subclasses declare what the pages show. Who sees what (`scoped`), which records a list holds and takes away (`lists`),
the page on which a record is read (`reading`) with its head (`head`), the pages beside it (`pages`), the board
(`boards`) and changes to many records (`bulk`) come from here, the form with its versions as well.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.admin.boards import BoardPages
from core.admin.forms import RecordForm
from core.admin.head import add_record_action
from core.admin.links import record_url
from core.admin.peek import PeekPage
from core.admin.reading import RecordReading
from core.admin.scoped import PartInline
from core.records import StaleRecord, one_change

__all__ = ["PartInline", "RecordAdmin", "add_record_action"]


class RecordAdmin(RecordReading, PeekPage, BoardPages):
    """The list, page and form of a business record."""

    form: type[forms.ModelForm] = RecordForm
    change_form_template = "admin/change_form.html"
    hidden_filters: ClassVar[tuple[str, ...]] = ("created_after", "created_before", "is_sample")
    save_on_top = False
    field_help: ClassVar[Mapping[str, Any]] = {}  # for those who fill the form in for the first time

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.active().search(search_term), False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = [*super().get_fieldsets(request, obj)]
        names = [name for _title, options in fieldsets for name in options["fields"]]
        if "record_version" not in names and self._may(request, "change" if obj else "add", obj):
            title, options = fieldsets[-1]
            fieldsets[-1] = (title, {**options, "fields": [*options["fields"], "record_version"]})
        return fieldsets

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and not field.help_text:
            field.help_text = self.field_help.get(db_field.name, "")
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        fields = {field.name for field in self.opts.fields}
        if "owner" in fields:
            initial.setdefault("owner", request.user.pk)
        return initial

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            with one_change():
                return super().changeform_view(request, object_id, form_url, extra_context)
        except StaleRecord:
            # Saved by somebody else between our reading and writing: read again, and the form reports the conflict.
            request.__dict__.pop("_record_rights", None)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        record = kwargs.get("obj")
        context["conflict"] = getattr(context["adminform"].form, "conflict", None)
        if record is not None and record.pk and not context.get("is_popup"):
            context.update(record_header=self.header(request, record), read_url=record_url(record))
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("Reference"), ordering="created_at")
    def number(self, record: Any) -> str:
        return record.reference
