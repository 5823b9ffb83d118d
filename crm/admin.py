"""The staff pages of this app."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin.base import PartInline, RecordAdmin
from core.admin.cells import badge
from core.admin.merging import MergePages
from core.admin.navigation import SETTINGS, Nav, group
from core.admin.reading import NextStep
from core.admin.reference import ReferenceAdmin
from core.localized import joined
from crm.models import (
    Affiliation,
    Alias,
    Channel,
    ContactPoint,
    Interaction,
    Lead,
    LiaisonStation,
    LostReason,
    Organization,
    Person,
    Sector,
    StationMembership,
)
from crm.panels import due_badge, due_cell, stage_badge
from crm.quick_log_page import LogsTalks

COMPANIES = group("companies", _("Companies and people"), 10)


class AliasInline(PartInline):
    model = Alias


class AffiliationInline(PartInline):
    model = Affiliation


class ContactPointInline(PartInline):
    model = ContactPoint

    def schemes_of(self, part: Any) -> Mapping[str, str]:
        schemes = {ContactPoint.Kind.EMAIL: "mailto:", ContactPoint.Kind.PHONE: "tel:"}
        return {"value": schemes[part.kind]} if part.kind in schemes else {}


class MembershipInline(PartInline):
    model = StationMembership


@admin.register(Organization)
class OrganizationAdmin(MergePages, LogsTalks, RecordAdmin):
    nav = Nav(COMPANIES, 10, "building", quick_add=True, counted=True)
    list_display = ("name", "name_en", "kind", "country", "city", "listed_code")
    bulk_fields = ("kind", "country", "city", "source")
    fieldsets = (
        (_("Names"), {"fields": ["name", "name_kana", "name_en", "name_zh", "name_ja"]}),
        (_("Organization"), {"fields": ["kind", "country", "parent", "sectors"]}),
        (_("Registration"), {"fields": ["corporate_number", "credit_code", "listed_code"]}),
        (_("Address"), {"fields": ["city", "address", "phone", "website"]}),
        (_("More"), {"fields": ["source", "notes"]}),
    )
    field_help: ClassVar[Mapping[str, Any]] = {
        "parent": _("The company that it belongs to, if it is a subsidiary or a branch."),
        "corporate_number": _("13 digits, as in the register of the Japanese tax agency."),
        "credit_code": _("18 characters, as on the Chinese business licence."),
    }
    inlines = (AliasInline,)
    schemes: ClassVar[Mapping[str, str]] = {"phone": "tel:"}
    hidden_filters = (*RecordAdmin.hidden_filters, "corporate_number", "credit_code", "listed_code", "parent")


@admin.register(Person)
class PersonAdmin(MergePages, LogsTalks, RecordAdmin):
    nav = Nav(COMPANIES, 20, "person", quick_add=True, counted=True)
    list_display = ("__str__", "own_name", "reading", "current_posts")
    fieldsets = (
        (_("Name"), {"fields": [
            "family_name", "given_name", "family_kana", "given_kana", "family_latin", "given_latin", "name_order",
            "language",
        ]}),
        (_("Where the data come from"), {"fields": ["collected_on", "collected_at", "collected_from"]}),
        (_("More"), {"fields": ["notes"]}),
    )  # fmt: skip
    inlines = (AffiliationInline, ContactPointInline)

    def name_fields(self) -> list[str]:
        return [*super().name_fields(), "family_kana", "given_kana"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("affiliations__organization")

    @admin.display(description=_("Name"), ordering="family_name")
    def own_name(self, person: Person) -> str:
        return person.own_name

    @admin.display(description=_("Reading"))
    def reading(self, person: Person) -> str:
        return f"{person.family_kana} {person.given_kana}".strip()

    @admin.display(description=_("Posts"))
    def current_posts(self, person: Person) -> str:
        return joined(post for post in person.affiliations.all() if post.ends_on is None)


@admin.register(LiaisonStation)
class LiaisonStationAdmin(RecordAdmin):
    nav = Nav(SETTINGS, 10, "pin")
    long_list = False
    list_display = ("name", "kind", "country", "city", "host", "opened_on")
    list_select_related = ("host",)
    fieldsets = (
        (_("Names"), {"fields": ["name", "name_en", "name_zh", "name_ja"]}),
        (_("Station"), {"fields": ["kind", "host", "opened_on", "closed_on", "territory"]}),
        (_("Address"), {"fields": ["country", "city", "address", "time_zone"]}),
        (_("More"), {"fields": ["notes"]}),
    )
    inlines = (MembershipInline,)
    hidden_filters = (*RecordAdmin.hidden_filters, "host")


class StationDefault:
    """A new record starts at the user's own station; the head of its page tells whose it is."""

    head_fields: ClassVar[tuple[str, ...]] = ("owner", "station")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial: dict[str, Any] = super().get_changeform_initial_data(request)  # type: ignore[misc]
        own = LiaisonStation.objects.active().of(request.user).first()
        if own is not None:
            initial.setdefault("station", own.pk)
        return initial


@admin.register(Lead)
class LeadAdmin(StationDefault, LogsTalks, RecordAdmin):
    nav = Nav(COMPANIES, 30, "lead", quick_add=True, counted=True)
    list_display = ("number", "title", "organization", "stage_now", "next_step", "due", "owner")
    list_display_links = ("number", "title")
    list_select_related = ("organization", "owner")
    bulk_fields = ("owner", "station", "next_step", "next_step_on")
    fieldsets = (
        (_("Lead"), {"fields": ["title", "organization", "contact", "owner", "station", "collaborators"]}),
        (_("Next step"), {"fields": ["next_step", "next_step_on"]}),
        (_("Origin"), {"fields": ["received_on", "channel", "referrer", "referrer_person"]}),
        (_("Interest"), {"fields": ["sector", "interest_amount", "interest_currency", "jobs", "likelihood"]}),
        (_("More"), {"fields": ["notes"]}),
    )
    field_help: ClassVar[Mapping[str, Any]] = {
        "collaborators": _("They see and work on it as well, from whichever station."),
        "next_step": _("The one thing to do next. It appears on the owner's start page."),
        "channel": _("How the lead reached us."),
        "referrer": _("Who sent them to us, if it was an organization."),
        "likelihood": _("Your own estimate that a project comes of it, from 0 to 100."),
    }
    hidden_filters = (
        *RecordAdmin.hidden_filters, "contact", "referrer", "next_step_after", "next_step_before",
    )  # fmt: skip

    def next_step(self, request: HttpRequest, record: Lead) -> NextStep | None:
        if record.is_archived or record.stage in Lead.ENDS:
            return None
        return NextStep(record.next_step, record.next_step_on, due_badge(record), "next_step")

    @admin.display(description=_("Stage"), ordering="stage")
    def stage_now(self, lead: Lead) -> Any:
        return badge(stage_badge(lead))

    @admin.display(description=_("On"), ordering="next_step_on")
    def due(self, lead: Lead) -> Any:
        return badge(due_cell(lead))


@admin.register(Interaction)
class InteractionAdmin(StationDefault, RecordAdmin):
    nav = Nav(COMPANIES, 40, "chat", quick_add=True, counted=True)
    list_display = ("subject", "kind", "starts_at", "place", "lead_title", "station")
    list_select_related = ("station",)
    list_scoped = ("lead",)
    bulk_fields = ("station",)
    fieldsets = (
        (_("Interaction"), {"fields": ["subject", "kind", "starts_at", "minutes_long", "place", "station", "lead"]}),
        (_("Who took part"), {"fields": ["organizations", "people", "staff"]}),
        (_("Minutes"), {"fields": ["minutes", "minutes_language"]}),
    )
    field_help: ClassVar[Mapping[str, Any]] = {
        "lead": _("If it was about a lead, it appears on that lead's timeline."),
        "staff": _("They see it, from whichever station."),
        "minutes": _("What was said and agreed, in whatever language you write fastest."),
    }
    hidden_filters = (*RecordAdmin.hidden_filters, "lead")

    @admin.display(description=_("Lead"))
    def lead_title(self, interaction: Interaction) -> str:
        return str(interaction.lead or "")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        initial.setdefault("staff", [request.user.pk])
        return initial


for _order, _model in enumerate((Sector, Channel, LostReason), start=30):
    admin.register(_model)(type(f"{_model.__name__}Admin", (ReferenceAdmin,), {"nav": Nav(SETTINGS, _order, "list")}))
