"""Imports on the staff site: the list, and the steps from the file to the records.

An import is one row that remembers every choice, so each step can be left, come back to and opened twice; which page
it shows follows from its status alone.
"""

import datetime
import io
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, panels
from core.admin import import_shown as shown
from core.admin.cells import badge
from core.admin.import_choosing import ChoosingPages, limits, posted
from core.admin.import_forms import UploadForm
from core.admin.import_frame import offered
from core.admin.import_working import WorkingPages
from core.admin.links import change_url, list_url
from core.admin.navigation import SETTINGS, Nav, place
from core.exports import CONTENT_TYPES
from core.files import attachment
from core.imports import kinds, template
from core.imports.models import Import
from core.imports.uploads import receive

Status = Import.Status
RECENT = datetime.timedelta(days=1)


@admin.register(Import)
class ImportAdmin(ChoosingPages, WorkingPages):
    """One's own imports, and everybody's for those who see all stations."""

    nav = Nav(SETTINGS, 145, "import")
    change_list_template = "admin/imports/list.html"
    list_display = ("file_name", "what", "where_it_stands", "rows", "created_at", "user")
    list_select_related = ("user",)
    search_fields = ("file_name",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(offered(request.user))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # it has steps instead of a form

    def has_history_permission(self, request: HttpRequest, record: Any) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("preview", "problems")

    @admin.display(description=gettext_lazy("Kind"), ordering="kind")
    def what(self, import_: Import) -> str:
        kind = kinds.everything().get(import_.kind)
        return str(capfirst(kind.label)) if kind else import_.kind

    @admin.display(description=gettext_lazy("State"), ordering="status")
    def where_it_stands(self, import_: Import) -> Any:
        return badge(shown.state(import_))

    @admin.display(description=gettext_lazy("Rows"), ordering="rows_total")
    def rows(self, import_: Import) -> Any:
        return import_.rows_total or ""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": capfirst(self.opts.verbose_name_plural), "add_url": self.address("add")}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        def page(address: str, view: Any, name: str) -> Any:
            return path(address, self.admin_site.admin_view(view), name=f"core_import_{name}")

        names = ("reading", "columns", "replace", "discard", "check", "problems", "start", "progress", "undo")
        return [
            *(page(f"<int:pk>/{name}/", getattr(self, f"{name}_view"), name) for name in names),
            page("template/<slug:slug>/<slug:extension>/", self.template_view, "template"),
            *super().get_urls(),
        ]

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> Any:
        """Where the import stands."""
        import_ = self.reach(request, object_id)
        if import_.status in shown.WORKING:
            return self.progress_page(request, import_)
        if import_.status == Status.CHECKED:
            return self.preview_page(request, import_)
        if import_.status == Status.UPLOADED and import_.user_id == request.user.pk:
            view = self.columns_view if import_.mapping else self.reading_view
            return view(request, import_.pk)
        return self.result_page(request, import_)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """The upload."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        choice = self._offered(request)
        initial = {"kind": request.GET.get("kind")}
        form = UploadForm(*posted(request), offered=choice, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                return self.to("change", receive(request.user, form.cleaned_data["kind"], form.cleaned_data["file"]))
            except ValidationError as error:
                form.add_error("file", error)
        return self._upload_page(request, form, choice)

    def _offered(self, request: HttpRequest) -> list[kinds.Kind]:
        """In the order of the sidebar."""
        pages: Any = self.admin_site._registry
        return sorted(offered(request.user), key=lambda kind: place(pages[kind.resource.model].nav))

    def _upload_page(self, request: HttpRequest, form: UploadForm, choice: Sequence[kinds.Kind]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a file"), "opts": self.opts, "form": form, "steps": self.steps_ahead(),
            "templates": [self._template_links(kind) for kind in choice], **limits(),
            "cancel_url": self._list_of(form["kind"].value()) or self.address("changelist"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/imports/upload.html", context)

    def _list_of(self, slug: Any) -> str:
        kind = kinds.everything().get(slug)
        return list_url(kind.resource.model) if kind else ""

    def _template_links(self, kind: kinds.Kind) -> dict[str, Any]:
        links = [
            {"label": extension.upper(), "url": reverse("admin:core_import_template", args=[kind.slug, extension])}
            for extension in template.FORMATS
        ]
        return {"label": capfirst(kind.label), "links": links}

    def template_view(self, request: HttpRequest, slug: str, extension: str) -> FileResponse:
        """An empty file with the headings in the reader's language."""
        kind = next((kind for kind in offered(request.user) if kind.slug == slug), None)
        if kind is None or extension not in template.FORMATS:
            raise Http404
        file = io.BytesIO()
        template.write(slug, extension, file)
        file.seek(0)
        response = FileResponse(file, content_type=CONTENT_TYPES[extension])
        response["Content-Disposition"] = attachment(f"{kind.label}.{extension}", f"{slug}.{extension}")
        return response


@panels.on_today(order=5)
def my_imports(request: Any) -> panels.Panel | None:
    """Imports that wait for their owner, are at work, or have ended since yesterday."""
    recent = Q(status__in=shown.FINISHED, finished_at__gte=timezone.now() - RECENT)
    mine = access.scoped(request.user, Import).filter(user=request.user)
    found = list(mine.filter(~Q(status__in=shown.FINISHED) | recent).defer("preview", "problems")[:5])
    if not found:
        return None
    return panels.Panel(
        slug="my-imports",
        title=_("My imports"),
        columns=[_("File"), _("State"), _("Rows")],
        rows=[
            panels.Row([import_.file_name, shown.state(import_), localize(import_.rows_total)], change_url(import_))
            for import_ in found
        ],
        more_url=list_url(Import),
    )
