"""The pages between the upload and the check: how the file reads, which column is what, another file, or none."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import import_shown as shown
from core.admin.import_forms import ColumnChoice, FileForm, ReadingForm, needed
from core.admin.import_frame import ImportFrame
from core.imports import choices
from core.imports.limits import MEGABYTE
from core.imports.models import Import
from core.imports.reading import Source, inspect

SOURCES = {
    "export": gettext_lazy("This file was exported from Liaison: its columns are known already."),
    "remembered": gettext_lazy("The columns are set as you chose them the last time for such a file."),
}


def inspected(import_: Import) -> tuple[Source, list[str]]:
    """What the file holds, and what is wrong with it when it is read as chosen."""
    try:
        return inspect(import_), []
    except ValidationError as error:
        return _otherwise(import_), error.messages


def limits() -> dict[str, int]:
    """What the upload page tells of the file's size."""
    megabytes = settings.IMPORT_MAX_MB
    return {"limit": megabytes * MEGABYTE, "limit_mb": megabytes, "limit_rows": settings.IMPORT_MAX_ROWS}


def posted(request: HttpRequest) -> tuple[Any, Any]:
    """What a form takes: nothing, as long as nothing was sent."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _otherwise(import_: Import) -> Source:
    """The choices there are for a file that cannot be read as it was chosen."""
    fresh = Import(file=import_.file, file_name=import_.file_name, format=import_.format, kind=import_.kind)
    try:
        source = inspect(fresh)
    except ValidationError:
        return Source(import_.format)
    chosen = {name: getattr(import_, name) or getattr(source, name) for name in ("encoding", "delimiter", "sheet")}
    return Source(source.format, encodings=source.encodings, sheets=source.sheets, **chosen)


class ChoosingPages(ImportFrame):
    """Each page shows what the file says and takes one decision; the rules are in `core.imports.choices`."""

    # -- how the file reads --------------------------------------------------------------------------------------------

    def reading_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        import_ = self.own(request, pk)
        if not choices.is_open(import_):
            return self.to("change", import_)
        if request.method != "POST":
            return self.reading_page(request, import_)
        form = ReadingForm(request.POST, source=inspected(import_)[0])
        if not form.is_valid():
            return self.reading_page(request, import_, form)
        try:
            choices.read_as(import_, **form.cleaned_data)
        except ValidationError as error:
            return self.refused(request, import_, error)
        goes_on = "next" in request.POST and not inspected(import_)[1]
        return self.to("columns" if goes_on else "reading", import_)

    def reading_page(self, request: HttpRequest, import_: Import, form: Any = None) -> HttpResponse:
        source, problems = inspected(import_)
        return self.page(
            request, "reading", import_, "reading",
            form=form or ReadingForm(source=source), problems=problems, table=shown.first_rows(source),
            warning=shown.misread(source),
        )  # fmt: skip

    # -- which column is what ------------------------------------------------------------------------------------------

    def columns_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        import_ = self.own(request, pk)
        if not choices.is_open(import_):
            return self.to("change", import_)
        source, problems = inspected(import_)
        if problems:
            return self.to("reading", import_)
        choice = ColumnChoice(request, import_, source)
        if request.method != "POST":
            return self.columns_page(request, import_, choice)
        return self._take_columns(request, import_, choice)

    def _take_columns(self, request: HttpRequest, import_: Import, choice: ColumnChoice) -> HttpResponse:
        right = choice.is_valid()
        try:
            if "draft" in request.POST:
                choices.keep_draft(import_, choice.codes, choice.values)
                return HttpResponse(status=204)
            if right:
                choices.choose(import_, choice.codes, choice.values, add_missing=choice.add_missing)
                return self.to("change", import_)
        except ValidationError as error:
            if choices.has_moved_on(error):
                return self.refused(request, import_, error)
            choice.columns.add_error(None, error)
        return self.columns_page(request, import_, choice)

    def columns_page(self, request: HttpRequest, import_: Import, choice: ColumnChoice) -> HttpResponse:
        table = [
            {"index": index, "heading": heading, "samples": shown.samples(choice.source, index), "field": field}
            for index, (heading, field) in enumerate(zip(choice.columns.headings, choice.columns, strict=True))
        ]
        required = [target.label for target in needed(choice.targets)]
        return self.page(
            request, "columns", import_, "columns",
            choice=choice, columns=table, required=required, problems=choice.columns.non_field_errors(),
            source_note=SOURCES.get(choice.origin, ""), back_url=self.address("reading", import_),
            media=self.media + choice.rest.media,
        )  # fmt: skip

    # -- another file, or none -----------------------------------------------------------------------------------------

    def replace_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A corrected file. With the same headings it is checked at once, the columns as they were chosen."""
        import_ = self.own(request, pk)
        if not choices.is_open(import_):
            return self.to("change", import_)
        form = FileForm(*posted(request))
        if request.method == "POST" and form.is_valid():
            try:
                return self._take_replacement(choices.replace(import_, form.cleaned_data["file"]))
            except ValidationError as error:
                form.add_error("file", error)
        return self.page(
            request, "upload", import_, "file", form=form, cancel_url=self.address("change", import_), **limits()
        )

    def _take_replacement(self, import_: Import) -> HttpResponse:
        if import_.mapping:
            try:
                choices.choose(import_, import_.mapping, import_.values, add_missing=import_.add_missing)
            except ValidationError:
                return self.to("columns", import_)  # which says the same, at the place where it is put right
        return self.to("change", import_)

    def discard_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        import_ = self.own(request, pk)
        if request.method == "POST":
            try:
                choices.discard(import_)
            except ValidationError as error:
                return self.refused(request, import_, error)
            return self.back_to_list(request, _("“%(file)s” is discarded. Nothing of it was stored."), import_)
        return self.ask(
            request, import_, title=_("Discard this import?"), submit_label=_("Discard"), tone="red",
            description=_("The file and what you have chosen for it are removed. No record is touched."),
        )  # fmt: skip
