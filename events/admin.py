"""The staff pages of this app."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import access
from core.admin.base import PartInline, RecordAdmin
from core.admin.cells import badge
from core.admin.links import record_url
from core.admin.navigation import SETTINGS, Nav, group
from core.admin.reference import ReferenceAdmin
from crm.admin import StationDefault
from crm.models import Lead, LiaisonStation
from crm.stations import own_stations
from events.followup import open_lead
from events.models import Event, EventKind, EventPartner, Guest, Session, SessionSpeaker, Visit
from events.panels import attendance_badge, invitation_badge, status_badge

EVENTS = group("events", _("Events"), 30)


class PartnerInline(PartInline):
    model = EventPartner


class SpeakerInline(PartInline):
    model = SessionSpeaker


@admin.register(Event)
class EventAdmin(StationDefault, RecordAdmin):
    nav = Nav(EVENTS, 10, "calendar", quick_add=True, counted=True)
    list_display = ("name_here", "kind", "status_now", "starts_on", "ends_on", "city")
    list_select_related = ("kind",)
    bulk_fields = ("owner", "station")
    fieldsets = (
        (_("Names"), {"fields": ["name", "name_en", "name_zh", "name_ja"]}),
        (_("Themes"), {"fields": ["theme", "theme_en", "theme_zh", "theme_ja"]}),
        (_("Event"), {"fields": ["kind", "status", "owner", "station"]}),
        (_("When and where"), {"fields": ["starts_on", "ends_on", "time_zone", "country", "city", "venue"]}),
        (_("Announced figures"), {"fields": [
            "announced_guests", "announced_contracts", "announced_amount", "announced_currency",
        ]}),
        (_("More"), {"fields": ["source", "notes"]}),
    )  # fmt: skip
    inlines = (PartnerInline,)
    hidden_filters = (*RecordAdmin.hidden_filters, "kind__is_delegation", "starts_after", "starts_before", "city")

    @admin.display(description=_("Name"), ordering="name")
    def name_here(self, event: Event) -> str:
        return str(event)

    @admin.display(description=_("Status"), ordering="status")
    def status_now(self, event: Event) -> Any:
        return badge(status_badge(event))


@admin.register(Session)
class SessionAdmin(RecordAdmin):
    nav = Nav(EVENTS, 20, "list", counted=True)
    list_display = ("title_here", "kind", "event", "position", "held_on", "starts_at")
    list_select_related = ("event",)
    fieldsets = (
        (_("Session"), {"fields": ["event", "kind", "position", "held_on", "starts_at", "ends_at"]}),
        (_("Titles"), {"fields": ["title", "title_en", "title_zh", "title_ja"]}),
        (_("Content"), {"fields": ["topics", "announced_speakers", "unveils"]}),
    )
    inlines = (SpeakerInline,)
    hidden_filters = (*RecordAdmin.hidden_filters, "unveils")

    @admin.display(description=_("Title"), ordering="title")
    def title_here(self, session: Session) -> str:
        return str(session)


class LeadForm(forms.Form):
    """A lead in a moment, while the meeting is fresh; the rest can wait for its own page."""

    title = forms.CharField(label=_("Title"), max_length=255)
    station = forms.ModelChoiceField(LiaisonStation.objects.none(), label=_("Station"))
    next_step = forms.CharField(label=_("Next step"), max_length=255, required=False)
    next_step_on = forms.DateField(label=capfirst(_("next step on")), required=False, widget=AdminDateWidget)

    def __init__(self, *args: Any, stations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["station"]
        field.queryset, field.initial = stations, stations.first()


class OpensLead(RecordAdmin):
    """Pages of those whom we met offer to open a lead."""

    def record_actions(self, request: HttpRequest, record: Any) -> list[dict[str, Any]]:
        actions = super().record_actions(request, record)
        if record.lead_id or record.is_archived or not access.may(request.user, "add", Lead):
            return actions
        if not self.has_change_permission(request, record):
            return actions
        return [self._action(_("Open a lead"), "lead", record, tone="blue"), *actions]

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.lead_view)
        return [path("<int:pk>/lead/", view, name=self._page("lead").split(":")[1]), *super().get_urls()]

    def lead_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        met = self._reach(request, pk, "change")
        if not access.may(request.user, "add", Lead):
            raise PermissionDenied
        form = LeadForm(
            request.POST or None, stations=own_stations(request.user), initial={"title": str(met.organization or met)}
        )
        opened: list[Lead] = []

        def act() -> None:
            opened.append(open_lead(met, owner=request.user, **form.cleaned_data))

        done = gettext("A lead is opened for “%(record)s”.")
        if request.method == "POST" and self._carry_out(request, form, met, act, done):
            return HttpResponseRedirect(record_url(opened[0]))
        return self._ask(request, met, form, gettext("Open a lead"), gettext("Open the lead"))


@admin.register(Guest)
class GuestAdmin(OpensLead):
    nav = Nav(EVENTS, 30, "guest", quick_add=True, counted=True)
    list_display = ("person", "organization", "position_held", "event", "role", "invitation_now", "attendance_now")
    list_select_related = ("person", "organization", "event")
    bulk_fields = ("invitation", "attendance", "role")
    fieldsets = (
        (_("Guest"), {"fields": ["event", "person", "organization", "position_held", "role", "rank"]}),
        (_("Invitation"), {"fields": ["invitation", "attendance", "lead"]}),
        (_("More"), {"fields": ["notes"]}),
    )
    hidden_filters = (*RecordAdmin.hidden_filters, "person", "organization", "lead")

    @admin.display(description=_("Invitation"), ordering="invitation")
    def invitation_now(self, guest: Guest) -> Any:
        return badge(invitation_badge(guest))

    @admin.display(description=_("Attendance"), ordering="attendance")
    def attendance_now(self, guest: Guest) -> Any:
        return badge(attendance_badge(guest))


@admin.register(Visit)
class VisitAdmin(OpensLead):
    nav = Nav(EVENTS, 40, "visit", counted=True)
    list_display = ("organization", "delegation", "held_on", "starts_at", "place")
    list_select_related = ("organization", "delegation")
    fieldsets = (
        (_("Visit"), {"fields": ["delegation", "organization", "position", "held_on", "starts_at", "place"]}),
        (_("Who took part"), {"fields": ["hosts", "delegates"]}),
        (_("What was heard"), {"fields": ["heard", "heard_language", "lead"]}),
    )
    hidden_filters = (*RecordAdmin.hidden_filters, "hosts", "delegates", "lead")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "delegation":
            kwargs["queryset"] = access.scoped(request.user, Event).delegations()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(EventKind)
class EventKindAdmin(ReferenceAdmin):
    nav = Nav(SETTINGS, 40, "list")
    list_display = ("code", "name_en", "name_zh", "name_ja", "is_delegation", "position", "retired_on")
    fieldsets = (
        (None, {"fields": ["code", "name_en", "name_zh", "name_ja", "is_delegation", "position", "retired_on"]}),
    )
