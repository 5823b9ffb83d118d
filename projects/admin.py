"""The staff pages of this app."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import access
from core.admin.base import PartInline, RecordAdmin
from core.admin.cells import badge
from core.admin.links import record_url
from core.admin.navigation import Nav, group
from core.request_context import current_user
from crm.admin import StationDefault
from crm.models import Lead
from projects.conversion import convert
from projects.models import Batch, Contract, ContractParty, Project, ProjectAmount, ProjectInvestor, Zone
from projects.panels import status_badge

PROJECTS = group("projects", _("Projects and contracts"), 40)


class ConversionForm(forms.Form):
    name = forms.CharField(label=_("Name of the project"), max_length=255)
    zone = forms.ModelChoiceField(Zone.objects.none(), label=_("Zone"), required=False)

    def __init__(self, *args: Any, zones: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].queryset = zones.active()  # type: ignore[attr-defined]


class InvestorInline(PartInline):
    model = ProjectInvestor


class AmountInline(PartInline):
    model = ProjectAmount


class PartyInline(PartInline):
    model = ContractParty


@admin.register(Zone)
class ZoneAdmin(RecordAdmin):
    nav = Nav(PROJECTS, 10, "zone", counted=True)
    list_display = ("name_here", "city", "area_km2", "planner", "parent")
    list_select_related = ("planner", "parent")
    fieldsets = (
        (_("Names"), {"fields": ["name", "name_en", "name_zh", "name_ja", "other_names"]}),
        (_("Zone"), {"fields": ["parent", "area_km2", "planner", "operator", "city", "launched_on"]}),
        (_("More"), {"fields": ["source", "notes"]}),
    )
    hidden_filters = (*RecordAdmin.hidden_filters, "planner", "city")

    @admin.display(description=_("Name"), ordering="name")
    def name_here(self, zone: Zone) -> str:
        return str(zone)


@admin.register(Project)
class ProjectAdmin(StationDefault, RecordAdmin):
    nav = Nav(PROJECTS, 20, "project", quick_add=True, counted=True)
    list_display = ("number", "name_here", "stage", "status_now", "zone", "owner")
    list_display_links = ("number", "name_here")
    list_select_related = ("zone", "owner")
    bulk_fields = ("owner", "station", "zone", "sector")
    fieldsets = (
        (_("Names"), {"fields": ["name", "name_en", "name_zh", "name_ja"]}),
        (_("Project"), {"fields": ["zone", "sector", "jobs", "lead", "owner", "station", "collaborators"]}),
        (_("More"), {"fields": ["notes"]}),
    )
    inlines = (InvestorInline, AmountInline)
    hidden_filters = (*RecordAdmin.hidden_filters, "lead")

    @admin.display(description=_("Name"), ordering="name")
    def name_here(self, project: Project) -> str:
        return str(project)

    @admin.display(description=_("Status"), ordering="status")
    def status_now(self, project: Project) -> Any:
        return badge(status_badge(project))

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.convert_view)
        return [path("convert/<int:pk>/", view, name="projects_project_convert"), *super().get_urls()]

    def convert_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks for the project's name and zone, and opens it from the lead."""
        lead = access.scoped(request.user, Lead).filter(pk=pk).first() if pk < 2**63 else None
        if lead is None:
            raise Http404
        if not (self.has_add_permission(request) and access.can(request.user, "change", lead)):
            raise PermissionDenied
        form = ConversionForm(
            request.POST or None, initial={"name": lead.title}, zones=access.scoped(request.user, Zone)
        )
        opened: list[Project] = []

        def open_project() -> None:
            opened.append(convert(lead, owner=request.user, **form.cleaned_data))

        done = gettext("“%(record)s” has become a project.")
        if request.method == "POST" and self._carry_out(request, form, lead, open_project, done):
            return HttpResponseRedirect(record_url(opened[0]))
        return self._ask(request, lead, form, gettext("Open a project from this lead"), gettext("Open the project"))


@admin.register(Contract)
class ContractAdmin(StationDefault, RecordAdmin):
    nav = Nav(PROJECTS, 30, "contract", quick_add=True, counted=True)
    list_display = ("title_here", "number", "kind", "signed_on", "zone", "event", "batch")
    list_select_related = ("zone", "event", "batch")
    bulk_fields = ("owner", "station", "kind", "signed_on")
    fieldsets = (
        (_("Titles"), {"fields": ["title", "title_en", "title_zh", "title_ja"]}),
        (_("Contract"), {"fields": ["kind", "number", "zone", "project", "owner", "station"]}),
        (_("Signing"), {"fields": ["signed_on", "event", "batch"]}),
        (_("Amount"), {"fields": ["contracted_amount", "contracted_currency"]}),
        (_("Document"), {"fields": ["file"]}),
        (_("More"), {"fields": ["source", "notes"]}),
    )
    inlines = (PartyInline,)
    hidden_filters = (*RecordAdmin.hidden_filters, "project", "party")

    @admin.display(description=_("Title"), ordering="title")
    def title_here(self, contract: Contract) -> str:
        return str(contract)


@admin.register(Batch)
class BatchAdmin(RecordAdmin):
    nav = Nav(PROJECTS, 40, "batch", counted=True)
    ordering = ("-signed_on", "pk")  # counting (`with_recorded`) drops the order of the model
    list_display = ("name_here", "signed_on", "announced_count", "progress", "session")
    list_select_related = ("session",)
    fieldsets = (
        (_("Names"), {"fields": ["name", "name_en", "name_zh", "name_ja"]}),
        (_("Batch"), {"fields": ["announced_count", "session", "signed_on"]}),
        (_("More"), {"fields": ["source", "notes"]}),
    )
    hidden_filters = (*RecordAdmin.hidden_filters, "session", "session__event")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_recorded(request.user)

    @admin.display(description=_("Name"), ordering="name")
    def name_here(self, batch: Batch) -> str:
        return str(batch)

    @admin.display(description=_("Progress"))
    def progress(self, batch: Batch) -> str:
        return batch.progress(current_user())
