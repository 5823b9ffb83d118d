"""The log of exports: who took what, in words, and which export a file came from."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core import resources
from core.admin.accounts import LogAdmin
from core.admin.navigation import SETTINGS, Nav
from core.exports import label
from core.exports_log import ExportLog
from core.localized import joined

OF_THE_FILE = ("format", "headers", "fields", "ordering", "o")  # told by other columns, or of no weight


def filter_in_words(export: ExportLog) -> Iterator[str]:
    """Each filter with its name and, of a choice, the value as the reader's language has it."""
    resource = resources.everything().get(export.resource)
    # Its labels in the reader's language belong to an instance.
    nothing = resource.model._base_manager.none() if resource else None
    filters = resource.filterset(export.parameters, queryset=nothing).filters if resource else {}
    for name, value in export.parameters.items():
        if name not in OF_THE_FILE and value not in ("", []):
            declared = filters.get(name)
            yield f"{declared.label if declared is not None else name}: {joined(_words(declared, value))}"


def _words(declared: Any, value: Any) -> Iterator[str]:
    choices = declared.extra.get("choices", ()) if declared is not None else ()
    labels = {} if callable(choices) else {str(key): str(text) for key, text in choices}
    for text in value if isinstance(value, list) else str(value).split(","):
        yield labels.get(text, text)


@admin.register(ExportLog)
class ExportLogAdmin(LogAdmin):
    nav = Nav(SETTINGS, 150, "export")
    list_display = ("started_at", "user_name", "what", "format", "rows", "filter")
    search_fields = ("user_name", "resource", "digest")
    search_help_text = _("Person, kind of record, or the SHA-256 of a file that was found somewhere.")
    fields = ("started_at", "user_name", "what", "format", "filter", "columns_taken", "rows", "size", "digest")

    @admin.display(description=_("Records"), ordering="resource")
    def what(self, export: ExportLog) -> str:
        resource = resources.everything().get(export.resource)
        return label(resource) if resource else export.resource

    @admin.display(description=_("Filter"))
    def filter(self, export: ExportLog) -> str:
        return joined(filter_in_words(export))

    @admin.display(description=_("Columns"))
    def columns_taken(self, export: ExportLog) -> str:
        resource = resources.everything().get(export.resource)
        labels = {column.code: str(column.label) for column in resource.columns.all} if resource else {}
        return joined(labels.get(code, code) for code in export.columns)
