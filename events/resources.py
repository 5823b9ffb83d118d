"""The lists of this app: one declaration each for the admin list, its exports and the API."""

from core.columns import Columns, parts, record_columns
from core.resources import Resource, register
from events import filters
from events.models import Event, EventKind, EventPartner, Guest, Session, SessionSpeaker, Visit

PARTNERS = parts("partners", EventPartner, Columns(EventPartner, "id", "organization", "role"))
SPEAKERS = parts(
    "speakers",
    SessionSpeaker,
    Columns(SessionSpeaker, "id", "person", "organization", "position_held", "role"),
    in_lists=True,
)

events = register(
    Resource(
        slug="events",
        columns=record_columns(
            Event,
            "name", "name_en", "name_zh", "name_ja", "theme", "theme_en", "theme_zh", "theme_ja", "kind", "status",
            "starts_on", "ends_on", "time_zone", "country", "city", "venue", "station", "owner", "announced_guests",
            "announced_contracts", "announced_amount", "announced_currency", "source", "notes", PARTNERS,
        ),
        filterset=filters.EventFilterSet,
        ordering=("-starts_on",),
        orderable=("name", "created_at", "updated_at"),
    )
)  # fmt: skip

delegations = register(
    Resource(
        slug="delegations",
        columns=events.columns,
        filterset=filters.EventFilterSet,
        ordering=events.ordering,
        orderable=events.orderable,
        within=lambda queryset: queryset.filter(kind__is_delegation=True),
    )
)

sessions = register(
    Resource(
        slug="sessions",
        columns=record_columns(
            Session,
            "event", "kind", "position", "held_on", "starts_at", "ends_at", "title", "title_en", "title_zh",
            "title_ja", "topics", SPEAKERS, "announced_speakers", "unveils",
        ),
        filterset=filters.SessionFilterSet,
        ordering=("event", "position"),
        orderable=("created_at", "updated_at"),
    )
)  # fmt: skip

guests = register(
    Resource(
        slug="guests",
        columns=record_columns(
            Guest,
            "event", "person", "organization", "position_held", "role", "rank", "invitation", "attendance", "lead",
            "notes",
        ),
        filterset=filters.GuestFilterSet,
        ordering=("event", "rank"),
        orderable=("created_at", "updated_at"),
    )
)  # fmt: skip

visits = register(
    Resource(
        slug="visits",
        columns=record_columns(
            Visit,
            "delegation", "organization", "position", "held_on", "starts_at", "place", "hosts", "delegates", "heard",
            "heard_language", "lead",
        ),
        filterset=filters.VisitFilterSet,
        ordering=("delegation", "position"),
        orderable=("held_on", "created_at", "updated_at"),
    )
)  # fmt: skip

event_kinds = register(
    Resource(
        slug="event-kinds",
        columns=Columns(
            EventKind, "id", "code", "name_en", "name_zh", "name_ja", "is_delegation", "position", "retired_on"
        ),
        filterset=filters.EventKindFilterSet,
        ordering=("position", "code"),
        choices_only=True,
    )
)
