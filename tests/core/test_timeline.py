"""Timelines: rows of many sources in one order, page by page, each scoped to the reader."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import timeline
from core.request_context import acting
from core.timeline import Place
from tests.factories import (
    AliasFactory,
    ContractFactory,
    GuestFactory,
    InteractionFactory,
    LeadFactory,
    LostReasonFactory,
    OrganizationFactory,
    ProjectFactory,
    VisitFactory,
)

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2024, 7, 2, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def titles(page):
    return [shown.entry.title for shown in page.entries]


def talks_with(organization, *subjects, **fields):
    """The first is the latest."""
    made = [
        InteractionFactory(subject=subject, starts_at=NOON - number * HOUR, **fields)
        for number, subject in enumerate(subjects)
    ]
    for talk in made:
        talk.organizations.add(organization)
    return made


def all_pages(user, record, size, **options):
    """Every page, following its link to the next."""
    page = timeline.page(user, record, size=size, **options)
    pages = [page]
    while page.earlier:
        page = timeline.page(user, record, size=size, before=page.earlier, **options)
        pages.append(page)
        assert len(pages) < 50
    return pages


# -- order and pages ---------------------------------------------------------------------------------------------------


def test_rows_of_several_sources_stand_in_one_order_the_latest_first(director):
    organization = OrganizationFactory()
    talks_with(organization, "second", "third")
    LeadFactory(organization=organization, title="first", received_on=datetime.date(2024, 7, 3))
    LeadFactory(organization=organization, title="fourth", received_on=datetime.date(2024, 7, 1))
    shown = [title for title in titles(timeline.page(director, organization)) if title != "Created"]
    assert shown == ["first", "second", "third", "fourth"]


def test_a_day_stands_where_it_begins_for_the_reader(director):
    organization = OrganizationFactory()
    LeadFactory(organization=organization, title="that day", received_on=datetime.date(2024, 7, 2))
    with timezone.override("Asia/Tokyo"):
        (before,) = talks_with(organization, "just before")
        before.starts_at = datetime.datetime(2024, 7, 1, 14, 59, tzinfo=datetime.UTC)  # 23:59 of the day before
        before.save()
        shown = titles(timeline.page(director, organization))
    assert [title for title in shown if title in ("that day", "just before")] == ["that day", "just before"]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_pages_together_show_everything_once(size, director):
    organization = OrganizationFactory()
    same_moment = [InteractionFactory(subject=f"same {n}", starts_at=NOON) for n in range(5)]
    for talk in same_moment:
        talk.organizations.add(organization)
    midnight = timezone.localtime(NOON).date()
    for number in range(5):
        LeadFactory(organization=organization, title=f"lead {number}", received_on=midnight)
    for number in range(3):  # on the very moment at which the day begins
        at = timezone.make_aware(datetime.datetime.combine(midnight, datetime.time.min))
        InteractionFactory(subject=f"midnight {number}", starts_at=at).organizations.add(organization)
    pages = all_pages(director, organization, size)
    shown = [title for page in pages for title in titles(page)]
    assert shown == titles(timeline.page(director, organization, size=100))
    assert len(shown) == len(set(shown)) == 14
    assert {len(page.entries) for page in pages[:-1]} <= {size}


def test_the_last_page_leads_nowhere(director):
    organization = OrganizationFactory()
    assert titles(timeline.page(director, organization)) == ["Created"]
    assert timeline.page(director, organization).earlier == ""


@pytest.mark.parametrize(
    "text", ["", "x", "1.talks", "1.talks.x", "1.2.3", "9" * 18 + ".talks.1", f"-{'9' * 18}.talks.1", "1.talks.1 "]
)
def test_a_place_that_is_none_stands_for_the_beginning(text, director):
    organization = OrganizationFactory()
    assert titles(timeline.page(director, organization, before=text)) == ["Created"]


def test_a_place_is_read_as_it_is_written():
    place = Place(NOON + datetime.timedelta(microseconds=1), "moves-stage", 7)
    assert Place.read(str(place)) == place


def test_what_is_yet_to_come_says_so(director):
    organization = OrganizationFactory()
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    InteractionFactory(subject="planned", starts_at=tomorrow).organizations.add(organization)
    first, created = timeline.page(director, organization).entries
    assert (first.entry.title, first.is_ahead, created.is_ahead) == ("planned", True, False)


# -- kinds -------------------------------------------------------------------------------------------------------------


def test_one_kind_alone(director):
    organization = OrganizationFactory()
    talks_with(organization, "a", "b", "c")
    page = timeline.page(director, organization, kind="talks", size=2)
    assert (page.kind, titles(page)) == ("talks", ["a", "b"])
    assert titles(timeline.page(director, organization, kind="talks", before=page.earlier)) == ["c"]


def test_a_kind_that_there_is_not_stands_for_all(director):
    organization = OrganizationFactory()
    assert (timeline.page(director, organization, kind="nonsense").kind) == ""


def test_kinds_that_the_reader_may_not_see_are_not_offered(director, auditor, nobody):
    organization = OrganizationFactory()
    every = {kind.slug for kind in timeline.page(director, organization).kinds}
    assert {"talks", "leads", "meetings", "projects", "contracts", "changes"} <= every
    assert timeline.page(nobody, organization).kinds == []
    assert timeline.page(nobody, organization).entries == []


# -- whose -------------------------------------------------------------------------------------------------------------


def everything_about(organization, station):
    """One row of each kind."""
    lead = LeadFactory(organization=organization, station=station, title="their lead")
    talks_with(organization, "their talk", station=station)
    ProjectFactory(station=station, name="Their project").investors.create(organization=organization)
    contract = ContractFactory(station=station, title="Their contract", signed_on=datetime.date(2024, 7, 2))
    contract.parties.create(organization=organization)
    return lead


def test_rows_of_another_station_are_not_there(officer, stranger, tokyo_station):
    organization = OrganizationFactory()
    everything_about(organization, tokyo_station)
    seen = titles(timeline.page(officer, organization))
    assert {"their lead", "their talk"} <= set(seen)
    assert {"Project opened: Their project", "Contract signed: Their contract"} <= set(seen)
    assert titles(timeline.page(stranger, organization)) == ["Created"]


def test_pages_of_a_stranger_are_full_of_what_the_stranger_sees(stranger, tokyo_station, osaka_station):
    organization = OrganizationFactory()
    for number in range(4):
        talks_with(organization, f"own {number}", station=osaka_station)
        talks_with(organization, f"theirs {number}", station=tokyo_station)
    page = timeline.page(stranger, organization, kind="talks", size=4)
    assert set(titles(page)) == {f"own {number}" for number in range(4)}
    assert page.earlier == ""


def test_archived_rows_are_not_there(director):
    organization = OrganizationFactory()
    (talk,) = talks_with(organization, "entered twice")
    talk.archive("twice")
    assert "entered twice" not in titles(timeline.page(director, organization))


def test_talks_about_the_lead_of_a_project_only_to_those_who_see_that_lead(
    officer, stranger, tokyo_station, osaka_station
):
    lead = LeadFactory(station=tokyo_station)
    InteractionFactory(lead=lead, station=osaka_station, subject="about the lead")
    project = ProjectFactory(lead=lead, station=osaka_station)
    project.collaborators.add(officer)
    lead.interactions.get().staff.add(officer)
    assert "about the lead" in titles(timeline.page(officer, project))
    assert "about the lead" not in titles(timeline.page(stranger, project))


# -- the core's own ----------------------------------------------------------------------------------------------------


def test_a_move_is_told_once_with_its_reason(director):
    lead = LeadFactory()
    with acting(director):
        lead.flow("stage").move(lead, "disqualified", reason="Vietnam", lost_reason=LostReasonFactory(name_en="Cost"))
    moved, created = timeline.page(director, lead).entries
    assert (moved.entry.title, moved.entry.detail) == ("Stage: New → Disqualified", "Cost · Vietnam")
    assert moved.entry.actor == str(director)
    assert created.entry.title == "Created"


def test_stages_and_statuses_in_one_order(director):
    project = ProjectFactory()
    project.flow("stage").move(project, "signed")
    project.flow("status").move(
        project, "lost", reason="Vietnam", lost_reason=LostReasonFactory(), ended_on="2024-07-02"
    )
    found = titles(timeline.page(director, project, kind="stages"))
    assert found == ["Status: Active → Lost", "Stage: Negotiating → Signed"]


def test_a_change_tells_what_was_before_and_after(director):
    lead = LeadFactory(next_step="Call")
    lead.next_step = "Visit"
    lead.save()
    shown = timeline.page(director, lead).entries[0].entry
    assert [(change.label, change.before, change.after) for change in shown.changes] == [("Next step", "Call", "Visit")]


def test_changes_of_parts_are_told(director):
    alias = AliasFactory(name="NEC")
    assert "Created · Alias: NEC" in titles(timeline.page(director, alias.organization))


def test_archiving_says_why(director):
    organization = OrganizationFactory()
    organization.archive("registered twice")
    shown = timeline.page(director, organization).entries[0].entry
    assert (shown.title, shown.detail) == ("Archived", "registered twice")


# -- cost --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [OrganizationFactory, LeadFactory])
def test_a_page_takes_as_many_queries_for_three_rows_as_for_one(make, director):
    record, counts = make(), []
    for number in (1, 2, 3):
        talk = InteractionFactory(lead=record if make is LeadFactory else None, subject=f"talk {number}")
        if make is OrganizationFactory:
            talk.organizations.add(record)
            everything_about(record, talk.station)
            GuestFactory(organization=record)
            VisitFactory(organization=record, held_on=datetime.date(2024, 7, 2))
        else:
            GuestFactory(lead=record)
            ProjectFactory(lead=record)
        with CaptureQueriesContext(connection) as queries:
            timeline.page(type(director).objects.get(pk=director.pk), record)
        counts.append(len(queries))
    assert counts[1:] == counts[:1] * 2
    assert counts[0] <= 26
