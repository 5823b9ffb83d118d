"""The frame of an import's pages: who sees it, who goes on with it, the line of steps."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access
from core.admin.import_shown import FINISHED
from core.admin.scoped import ScopedAdmin
from core.choices import as_id
from core.imports import choices, kinds
from core.imports.models import Import

# Each step with its name and the page that leads back to it.
STEPS = {
    "file": (gettext_lazy("File"), "replace"),
    "reading": (gettext_lazy("First rows"), "reading"),
    "columns": (gettext_lazy("Columns"), "columns"),
    "check": (gettext_lazy("Check"), "change"),
    "import": (gettext_lazy("Import"), "change"),
}


def offered(user: Any) -> list[kinds.Kind]:
    """The kinds of which the user may bring files in."""
    return kinds.allowed(user) if access.may(user, "view", Import) else []


def title(slug: str) -> str:
    """`Import people`."""
    kind = kinds.everything().get(slug)
    return _("Import %(names)s") % {"names": kind.label if kind else slug}


class ImportFrame(ScopedAdmin):
    """What the pages of an import have in common."""

    def reach(self, request: HttpRequest, pk: Any) -> Import:
        """The import, if the reader sees it; to everybody else it does not exist."""
        seen = self.get_queryset(request).select_related("user", "undone_by")
        found: Import | None = seen.filter(pk=as_id(pk) or 0).first()
        if found is None:
            raise Http404
        return found

    def own(self, request: HttpRequest, pk: Any) -> Import:
        """As `reach`, for whoever brought the file in: nobody goes on in another's name."""
        import_ = self.reach(request, pk)
        if import_.user_id != request.user.pk:
            raise PermissionDenied
        return import_

    def address(self, page: str, import_: Import | None = None) -> str:
        return reverse(f"{self.admin_site.name}:core_import_{page}", args=[import_.pk] if import_ else ())

    def to(self, page: str, import_: Import) -> HttpResponse:
        return HttpResponseRedirect(self.address(page, import_))

    def refused(self, request: HttpRequest, import_: Import, error: ValidationError) -> HttpResponse:
        """Back to where the import stands now, with the reason."""
        messages.error(request, " ".join(error.messages))
        return self.to("change", import_)

    def back_to_list(self, request: HttpRequest, message: str, import_: Import) -> HttpResponse:
        messages.success(request, message % {"file": import_.file_name})
        return HttpResponseRedirect(self.address("changelist"))

    def ask(self, request: HttpRequest, import_: Import, form: forms.Form | None = None, **context: Any) -> Any:
        """Asks before something that cannot be taken back. `context` holds title, submit_label, tone, description."""
        frame = {
            **self.admin_site.each_context(request),
            "record": import_, "opts": self.opts, "form": form or forms.Form(),
            "cancel_url": self.address("change", import_),
        }  # fmt: skip
        return TemplateResponse(request, "admin/record_action.html", {**frame, **context})

    def page(self, request: HttpRequest, template: str, import_: Import, step: str, **context: Any) -> TemplateResponse:
        """One step, in the frame that all of them share."""
        is_own, is_open = import_.user_id == request.user.pk, choices.is_open(import_)
        frame = {
            **self.admin_site.each_context(request),
            "title": title(import_.kind), "opts": self.opts, "import": import_, "is_own": is_own,
            "steps": self._steps(import_, step, can_go_back=is_own and is_open),
            "discard_url": self.address("discard", import_) if is_own and is_open else "",
            "replace_url": self.address("replace", import_),
        }  # fmt: skip
        return TemplateResponse(request, f"admin/imports/{template}.html", {**frame, **context})

    def steps_ahead(self) -> list[dict[str, Any]]:
        """The line of steps before there is an import."""
        return [
            {"label": label, "state": "todo" if index else "current", "url": ""}
            for index, (label, _page) in enumerate(STEPS.values())
        ]

    def _steps(self, import_: Import, current: str, *, can_go_back: bool) -> list[dict[str, Any]]:
        here, finished = list(STEPS).index(current), import_.status in FINISHED
        return [
            {
                "label": label,
                "state": "done" if index < here or finished else "current" if index == here else "todo",
                "url": self.address(page, import_) if can_go_back and index < here else "",
            }
            for index, (label, page) in enumerate(STEPS.values())
        ]
