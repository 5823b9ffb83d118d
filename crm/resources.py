"""The lists of this app: one declaration each for the admin list, its exports and the API."""

from core.accounts import User
from core.columns import Columns, changes, parts, record_columns
from core.filters import ReferenceFilterSet
from core.reference import ReferenceItem
from core.resources import Resource, register
from crm import filters
from crm.models import (
    Affiliation,
    Alias,
    Channel,
    ContactPoint,
    Interaction,
    Lead,
    LeadStageChange,
    LiaisonStation,
    LostReason,
    Organization,
    Person,
    Sector,
    StationMembership,
)

ALIASES = parts("aliases", Alias, Columns(Alias, "id", "name", "kind", "language", "note"))
AFFILIATIONS = parts(
    "affiliations",
    Affiliation,
    Columns(Affiliation, "id", "organization", "position", "position_en", "department", "starts_on", "ends_on"),
    in_lists=True,
)
CONTACT_POINTS = parts(
    "contact_points", ContactPoint, Columns(ContactPoint, "id", "kind", "value", "label"), in_lists=True
)
MEMBERSHIPS = parts(
    "memberships", StationMembership, Columns(StationMembership, "id", "user", "role", "starts_on", "ends_on")
)

organizations = register(
    Resource(
        slug="organizations",
        columns=record_columns(
            Organization,
            "name", "name_en", "name_zh", "name_ja", "name_kana", "kind", "country", "parent", "corporate_number",
            "credit_code", "listed_code", "sectors", "city", "address", "phone", "website", "source", "notes", ALIASES,
        ),
        filterset=filters.OrganizationFilterSet,
        ordering=("name",),
        orderable=("name_en", "country", "created_at", "updated_at"),
    )
)  # fmt: skip

people = register(
    Resource(
        slug="people",
        columns=record_columns(
            Person,
            "family_name", "given_name", "family_kana", "given_kana", "family_latin", "given_latin", "name_order",
            "language", AFFILIATIONS, CONTACT_POINTS, "collected_on", "collected_at", "collected_from", "notes",
        ),
        filterset=filters.PersonFilterSet,
        ordering=("family_name", "given_name"),
        orderable=("family_latin", "created_at", "updated_at"),
    )
)  # fmt: skip

stations = register(
    Resource(
        slug="stations",
        columns=record_columns(
            LiaisonStation,
            "name", "name_en", "name_zh", "name_ja", "kind", "host", "country", "city", "address", "time_zone",
            "opened_on", "closed_on", "territory", "notes", MEMBERSHIPS,
        ),
        filterset=filters.StationFilterSet,
        ordering=("name",),
        orderable=("opened_on", "created_at", "updated_at"),
    )
)  # fmt: skip

leads = register(
    Resource(
        slug="leads",
        columns=record_columns(
            Lead,
            "title", "organization", "contact", "stage", "station", "owner", "collaborators", "received_on", "channel",
            "referrer", "referrer_person", "sector", "interest_amount", "interest_currency", "jobs", "likelihood",
            "next_step", "next_step_on", "notes", changes(LeadStageChange),
        ),
        filterset=filters.LeadFilterSet,
        orderable=("title", "next_step_on", "received_on", "updated_at", "interest_amount", "likelihood"),
    )
)  # fmt: skip

interactions = register(
    Resource(
        slug="interactions",
        columns=record_columns(
            Interaction,
            "kind", "subject", "starts_at", "minutes_long", "place", "station", "lead", "organizations", "people",
            "staff", "minutes", "minutes_language",
        ),
        filterset=filters.InteractionFilterSet,
        ordering=("-starts_at",),
        orderable=("created_at", "updated_at"),
    )
)  # fmt: skip

REFERENCE = ("id", "code", "name_en", "name_zh", "name_ja", "position", "retired_on")


def _reference(slug: str, model: type[ReferenceItem], filterset: type[ReferenceFilterSet]) -> Resource:
    columns = Columns(model, *REFERENCE)
    return register(Resource(slug, columns, filterset, ordering=("position", "code"), choices_only=True))


sectors = _reference("sectors", Sector, filters.SectorFilterSet)
channels = _reference("channels", Channel, filters.ChannelFilterSet)
lost_reasons = _reference("lost-reasons", LostReason, filters.LostReasonFilterSet)

users = register(
    Resource(
        slug="users",
        columns=Columns(User, "id", "username", "full_name", "is_active"),
        filterset=filters.UserFilterSet,
        ordering=("username",),
        choices_only=True,
    )
)
