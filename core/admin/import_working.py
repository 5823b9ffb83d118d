"""The pages from the check on: the preview, the start, the progress, the result, and taking it all back."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core.admin import import_shown as shown
from core.admin.import_choosing import inspected
from core.admin.import_forms import DuplicatesForm
from core.admin.import_frame import ImportFrame
from core.admin.links import list_url
from core.files import attachment
from core.imports import choices, kinds, running, undoing
from core.imports.checking import stored_preview
from core.imports.models import Import
from core.worker import WorkerBeat

PER_PAGE = 50
Status = Import.Status
AGAIN = {Status.CHECKING: "check", Status.UNDOING: "undo"}  # where interrupted work is begun anew


class WorkingPages(ImportFrame):
    """What has been found, is being done, or was done."""

    # -- the preview ---------------------------------------------------------------------------------------------------

    def preview_page(self, request: HttpRequest, import_: Import) -> HttpResponse:
        preview = stored_preview(import_)
        only_problems = request.GET.get("show") == "problems"
        troubled = [row for row in preview.rows if row.problems]
        rows: Any = troubled if only_problems else preview.rows
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        columns = shown.columns_shown(import_, inspected(import_)[0].headings)
        page.object_list = [shown.shown_row(row, columns) for row in page.object_list]
        return self.page(
            request, "preview", import_, "check",
            tiles=shown.preview_tiles(preview), to_do=preview.to_add + preview.to_update,
            headings=[heading for _index, heading in columns], page_obj=page,
            only_problems=only_problems, problem_rows=len(troubled),
            page_query="show=problems&" if only_problems else "",
            shown_note=shown.how_many_shown(preview), checked_stamp=choices.fingerprint(import_),
            recognised_by=kinds.get(import_.kind).recognised_by,
            start_label=shown.start_label(preview), duplicate_form=self._duplicates(import_, preview),
            start_url=self.address("start", import_), check_url=self.address("check", import_),
            problems_url=self.address("problems", import_), back_url=self.address("columns", import_),
        )  # fmt: skip

    def _duplicates(self, import_: Import, preview: Any) -> DuplicatesForm | None:
        """The choice is offered where it makes a difference."""
        if preview.to_skip or preview.to_update or import_.duplicates != Import.Duplicates.SKIP:
            return DuplicatesForm(initial={"duplicates": import_.duplicates})
        return None

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Checks again, with another answer for duplicates if one is given."""
        import_ = self.own(request, pk)
        form = DuplicatesForm({"duplicates": import_.duplicates, **request.POST.dict()})
        if request.method == "POST" and form.is_valid():
            try:
                choices.check_again(import_, form.cleaned_data["duplicates"])
            except ValidationError as error:
                return self.refused(request, import_, error)
        return self.to("change", import_)

    def problems_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        import_ = self.reach(request, pk)
        preview = stored_preview(import_)
        lines = shown.problem_lines(preview.problems, preview.problem_count - len(preview.problems))
        response = HttpResponse("".join(lines), content_type="text/csv; charset=utf-8")
        name = _("problems") + f"-{import_.file_name.rpartition('.')[0]}.csv"
        response["Content-Disposition"] = attachment(name, "problems.csv")
        response["Cache-Control"] = "private, no-store"
        return response

    # -- the work ------------------------------------------------------------------------------------------------------

    def start_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        import_ = self.own(request, pk)
        if request.method == "POST":
            try:
                if not import_.is_silent and request.POST.get("checked") != choices.fingerprint(import_):
                    raise choices.moved_on()
                running.start(import_)
            except ValidationError as error:
                return self.refused(request, import_, error)
        return self.to("change", import_)

    def progress_page(self, request: HttpRequest, import_: Import) -> HttpResponse:
        return self.page(
            request, "progress", import_, "check" if import_.status == Status.CHECKING else "import",
            work=shown.work(import_), progress_url=self.address("progress", import_),
            worker_alive=WorkerBeat.alive(),
            again_url=self.address(AGAIN.get(Status(import_.status), "start"), import_),
        )  # fmt: skip

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For the script that keeps the bar moving."""
        import_ = self.reach(request, pk)
        working = import_.status in shown.WORKING and not import_.is_silent
        response = JsonResponse({"working": working, **(shown.work(import_) if working else {})})
        response["Cache-Control"] = "no-store"
        return response

    # -- the result ----------------------------------------------------------------------------------------------------

    def result_page(self, request: HttpRequest, import_: Import) -> HttpResponse:
        links = import_.records.select_related("content_type").order_by("row", "pk")
        links = links if import_.status == Status.DONE else links.none()
        page: Any = Paginator(links, PER_PAGE).get_page(request.GET.get("p"))
        page.object_list = shown.record_rows(request.user, list(page.object_list))
        kind = kinds.everything().get(import_.kind)
        done = import_.status == Status.DONE
        return self.page(
            request, "result", import_, "import",
            outcome=shown.outcome(import_), tiles=shown.result_tiles(import_) if done else [], page_obj=page,
            undo_url=self.address("undo", import_) if done and undoing.may_undo(request.user, import_) else "",
            list_url=list_url(kind.resource.model) if kind and done else "",
            list_label=kind and capfirst(kind.label), again_url=self.address("add"),
            can_go_on=import_.status == Status.FAILED and import_.user_id == request.user.pk,
            check_url=self.address("check", import_), back_url=self.address("columns", import_),
        )  # fmt: skip

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        import_ = self.reach(request, pk)
        if import_.status != Status.DONE and not (import_.status == Status.UNDOING and import_.is_silent):
            return self.to("change", import_)
        if not undoing.may_undo(request.user, import_):
            raise PermissionDenied
        form = forms.Form(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                take_back = undoing.undo if undoing.is_quick(import_) else undoing.undo_later
                take_back(import_, request.user)
                return self.to("change", import_)
            except ValidationError as error:
                form.add_error(None, error)
        return self.ask(
            request, import_, form, title=_("Undo this import?"), submit_label=_("Undo the import"), tone="red",
            description=shown.undo_question(import_),
        )  # fmt: skip
