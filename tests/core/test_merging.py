"""Two records become one: whose values win, what moves, what is left of the other, and how it is taken back."""

import pytest
from auditlog.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import history, search_text
from core.access import SYSTEM
from core.merge_moves import relations_of
from core.merges import Merge
from core.merging import Preview, merge, models
from core.records import Part, Record, StaleRecord
from core.request_context import acting
from core.unmerging import obstacles, unmerge
from crm.models import Alias, Interaction, Lead, Organization, Person
from events.models import Guest
from projects.models import ProjectInvestor
from tests.factories import (
    AliasFactory,
    EventFactory,
    GuestFactory,
    InteractionFactory,
    InvestorFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    ProjectFactory,
    SectorFactory,
)
from tests.filled import surround
from tests.rules import refused

pytestmark = pytest.mark.django_db
NUMBER, OTHER_NUMBER = "7010401022916", "2010405003693"
every_model = pytest.mark.parametrize("model", models(), ids=lambda model: model._meta.label)
MAKE = {Organization: OrganizationFactory, Person: PersonFactory}


def two(**fields):
    return OrganizationFactory(name="日本電気"), OrganizationFactory(name="NEC", **fields)


def merged(kept, other, user=SYSTEM, **how):
    done = merge(user, type(kept), kept.pk, other.pk, **how)
    for record in (kept, other):
        record.refresh_from_db()
    return done


def pointing(record):
    """The rows of each relation that point at the record."""
    rows = {relation.name: relation.rows(record.pk) for relation in relations_of(type(record))}
    return {name: sorted(found.values_list("pk", flat=True)) for name, found in rows.items()}


def everything():
    """All that is stored of records, parts and links, but for versions and stamps."""
    stamps = ("version", "updated_at", "updated_by_id")
    found = {}
    for model in {relation.model for merging in models() for relation in relations_of(merging)} | set(models()):
        fields = [field.attname for field in model._meta.concrete_fields if field.attname not in stamps]
        found[model._meta.label] = list(model._base_manager.order_by("pk").values_list(*fields))
    return found


# -- every kind of record, and every relation that there is ----------------------------------------------------------


@every_model
def test_all_that_points_at_the_other_points_at_the_kept_one(model):
    kept, other = surround(MAKE[model]()), surround(MAKE[model]())
    before = pointing(kept), pointing(other)
    merged(kept, other)
    after = pointing(kept)
    for name, rows in before[1].items():
        assert set(rows) <= set(after[name])
    assert all(set(rows) <= set(after[name]) for name, rows in before[0].items())
    left = {name for name, rows in pointing(other).items() if rows}
    assert left <= {"crm.Alias.organization", "crm.Organization_sectors.organization"}


@every_model
def test_undoing_restores_all_that_is_stored(model):
    kept, other = surround(MAKE[model]()), surround(MAKE[model]())
    before = everything()
    done = merged(kept, other)
    assert everything() != before
    unmerge(SYSTEM, done)
    assert everything() == before


@every_model
def test_each_record_that_moves_has_one_new_version_and_says_so_in_its_history(model):
    kept, other = surround(MAKE[model]()), surround(MAKE[model]())
    records = {relation.shown_model for relation in relations_of(model)}
    records = {record for record in records if issubclass(record, Record)} | {model}
    before = {(m, pk): version for m in records for pk, version in m._base_manager.values_list("pk", "version")}
    newest = LogEntry.objects.latest("pk").pk
    merged(kept, other)
    after = {(m, pk): version for m in records for pk, version in m._base_manager.values_list("pk", "version")}
    raised = {key for key in before if after[key] != before[key]}
    assert {after[key] - before[key] for key in raised} == {1}
    assert {(model, kept.pk), (model, other.pk)} <= raised
    told = set(LogEntry.objects.filter(pk__gt=newest).values_list("content_type__model", "object_id"))
    assert {(m._meta.model_name, pk) for m, pk in raised - {(model, kept.pk)}} <= told | whole_of_parts(told)


def whole_of_parts(told):
    """The records whose parts were told of."""
    found = set()
    for relation in {relation for model in models() for relation in relations_of(model)}:
        part = relation.shown_model
        if issubclass(part, Part):
            whole = part._meta.get_field(part.whole)
            pks = [pk for name, pk in told if name == part._meta.model_name]
            rows = part._base_manager.filter(pk__in=pks).values_list(whole.attname, flat=True)
            found |= {(whole.related_model._meta.model_name, pk) for pk in rows}
    return found


@every_model
def test_what_is_found_by_the_names_of_both_is_found_afterwards(model):
    kept, other = surround(MAKE[model]()), surround(MAKE[model]())
    done = merged(kept, other)
    for _time in range(2):
        for found in {relation.shown_model for relation in relations_of(model)}:
            if issubclass(found, Record):
                assert search_text.wrong(found, list(found._base_manager.values_list("pk", flat=True))) == []
        if done.undone_at is None:
            unmerge(SYSTEM, done)
            done.refresh_from_db()


# -- values ------------------------------------------------------------------------------------------------------------


def test_the_kept_value_wins_and_an_empty_one_is_filled():
    kept, other = OrganizationFactory(city="東京", notes=""), OrganizationFactory(city="Osaka", notes="met")
    merged(kept, other)
    assert (kept.city, kept.notes) == ("東京", "met")


def test_winners_are_chosen_field_by_field():
    kept, other = OrganizationFactory(city="東京"), OrganizationFactory(city="Osaka")
    merged(kept, other, winners={"city": "other"})
    assert kept.city == "Osaka"


def test_the_registration_number_goes_over():
    kept, other = two(corporate_number=NUMBER)
    done = merged(kept, other)
    assert (kept.corporate_number, other.corporate_number) == (NUMBER, "")
    unmerge(SYSTEM, done)
    other.refresh_from_db()
    assert other.corporate_number == NUMBER


def test_two_different_numbers_mean_two_companies():
    kept, other = OrganizationFactory(corporate_number=NUMBER), OrganizationFactory(corporate_number=OTHER_NUMBER)
    with pytest.raises(ValidationError, match=r"These are two different ones"):
        merged(kept, other)
    assert Merge.objects.count() == 0


def test_the_names_of_the_other_become_aliases():
    kept, other = two(name_en="NEC Corporation")
    merged(kept, other)
    kept.refresh_from_db()
    assert kept.name_en == "NEC Corporation"  # there was none
    assert list(kept.aliases.values_list("name", flat=True)) == ["NEC"]
    assert list(Organization.objects.search("NEC")) == [kept]


def test_a_name_that_loses_remains_as_an_alias():
    kept, other = OrganizationFactory(name="旧社名", country="KR"), OrganizationFactory(name="新社名", country="KR")
    merged(kept, other, winners={"name": "other"})
    assert (kept.name, [alias.name for alias in kept.aliases.all()]) == ("新社名", ["旧社名"])


def test_a_subsidiary_that_is_the_same_company_is_no_child_of_itself():
    parent = OrganizationFactory()
    kept = OrganizationFactory(parent=parent)
    merged(kept, parent)
    assert kept.parent is None


def test_a_circle_of_parents_is_refused():
    other = OrganizationFactory()
    between = OrganizationFactory(parent=other)
    kept = OrganizationFactory(parent=between)
    with refused(parent="An organization cannot be its own parent or ancestor."):
        merged(kept, other)


# -- what both have ----------------------------------------------------------------------------------------------------


def test_a_guest_of_the_same_event_is_archived_and_comes_back():
    event, kept, other = EventFactory(), PersonFactory(), PersonFactory()
    GuestFactory(event=event, person=kept)
    guest = GuestFactory(event=event, person=other)
    done = merged(kept, other)
    guest.refresh_from_db()
    assert (guest.person, guest.is_archived) == (other, True)
    unmerge(SYSTEM, done)
    guest.refresh_from_db()
    assert not guest.is_archived
    assert guest.version == 3


def test_an_investor_of_the_same_project_is_removed_and_comes_back():
    project, (kept, other) = ProjectFactory(), two()
    InvestorFactory(project=project, organization=kept)
    share = InvestorFactory(project=project, organization=other, share_percent="12.50")
    done = merged(kept, other)
    assert not ProjectInvestor.objects.filter(pk=share.pk).exists()
    unmerge(SYSTEM, done)
    back = ProjectInvestor.objects.get(pk=share.pk)
    assert (back.organization, str(back.share_percent)) == (other, "12.50")


def test_a_talk_with_both_is_one_with_the_kept_one_and_then_with_both_again():
    kept, other = two()
    talk = InteractionFactory()
    talk.organizations.set([kept, other])
    done = merged(kept, other)
    assert set(talk.organizations.all()) == {kept}
    unmerge(SYSTEM, done)
    assert set(talk.organizations.all()) == {kept, other}


def test_own_parts_that_the_kept_one_has_as_well_stay_with_the_other():
    kept, other = two()
    same = AliasFactory(organization=kept, name="N"), AliasFactory(organization=other, name="N")
    sector = SectorFactory()
    kept.sectors.add(sector)
    other.sectors.add(sector)
    merged(kept, other)
    assert Alias.objects.get(pk=same[1].pk).organization == other
    assert list(kept.sectors.all()) == [sector]


# -- the record that is gone -------------------------------------------------------------------------------------------


def test_the_other_is_out_of_lists_and_nothing_can_be_done_with_it():
    kept, other = two()
    merged(kept, other)
    assert list(Organization.objects.all()) == [kept]
    for act in (other.full_clean, other.restore, lambda: other.archive("twice")):
        with pytest.raises(ValidationError, match=r"was merged into"):
            act()


def test_it_is_merged_no_second_time():
    kept, other = two()
    merged(kept, other)
    with pytest.raises(LookupError):
        merge(SYSTEM, Organization, OrganizationFactory().pk, other.pk)
    with pytest.raises(LookupError):
        merge(SYSTEM, Organization, other.pk, OrganizationFactory().pk)


def test_what_was_merged_follows_when_the_kept_one_is_merged_in_turn():
    first, (kept, other) = OrganizationFactory(), two()
    early = merged(kept, first)
    late = merged(other, kept)
    first.refresh_from_db()
    assert first.merged_into == other
    with pytest.raises(ValidationError, match=r"Undo that merge first"):
        unmerge(SYSTEM, early)
    unmerge(SYSTEM, late)
    first.refresh_from_db()
    assert first.merged_into == kept
    unmerge(SYSTEM, early)


def test_nothing_is_assigned_to_it_any_more():
    kept, other = two()
    merged(kept, other)
    with pytest.raises(StaleRecord):
        LeadFactory(organization=other)
    talk = InteractionFactory()
    with pytest.raises(StaleRecord):
        talk.organizations.add(other)


def test_its_history_is_told_with_that_of_the_kept_one(director):
    kept, other = two(city="Osaka")
    with acting(director):
        merged(kept, other, user=director)
    told = [(entry.object, change.after) for entry in history.readable(director, kept) for change in entry.changes]
    assert ("Organization: NEC", str(kept)) in told


def test_an_archived_record_keeps_nothing():
    kept, other = two()
    kept.archive("closed")
    with pytest.raises(ValidationError, match=r"Restore it first"):
        merged(kept, other)


# -- who, and in which version -----------------------------------------------------------------------------------------


def test_a_version_that_is_not_the_latest_is_refused():
    kept, other = two()
    for record in (kept, other):
        with pytest.raises(StaleRecord):
            merged(kept, other, versions={record.pk: 7})


def test_whoever_may_not_archive_does_not_merge(auditor):
    kept, other = two()
    with pytest.raises(PermissionDenied):
        merged(kept, other, user=auditor)
    done = merged(kept, other)
    with pytest.raises(PermissionDenied):
        unmerge(auditor, done)


def test_records_of_another_station_move_and_are_not_counted(officer, osaka_station):
    kept, other = two()
    lead = LeadFactory(organization=other, station=osaka_station)
    preview = Preview(officer, kept, other)
    assert (preview.moves(), preview.may_hide_some) == ([], True)
    merged(kept, other, user=officer)
    lead.refresh_from_db()
    assert lead.organization == kept


def test_the_preview_is_the_same_whether_others_have_records_or_not(officer, osaka_station):
    kept, other = two()
    project = ProjectFactory(station=osaka_station)
    before = Preview(officer, kept, other).moves()
    for record in (kept, other):
        InvestorFactory(project=project, organization=record)
    assert Preview(officer, kept, other).moves() == before


# -- undoing -----------------------------------------------------------------------------------------------------------


def test_a_field_that_was_edited_since_stands_in_the_way_of_all():
    kept, other = two(city="Osaka")
    lead = LeadFactory(organization=other)
    done = merged(kept, other)
    kept.city = "Kobe"
    kept.save()
    with pytest.raises(ValidationError, match=r"“city” of .* was changed since. Set it back to “Osaka” first"):
        unmerge(SYSTEM, done)
    lead.refresh_from_db()
    assert lead.organization == kept
    kept.city = "Osaka"
    kept.save()
    unmerge(SYSTEM, done)


def test_a_field_that_the_merge_left_alone_may_be_edited():
    kept, other = two()
    done = merged(kept, other)
    kept.notes = "written since"
    kept.save()
    unmerge(SYSTEM, done)
    kept.refresh_from_db()
    assert kept.notes == "written since"


def test_a_row_that_was_assigned_to_a_third_since_is_named_to_who_may_see_it(officer, director, osaka_station):
    kept, other = two()
    lead = LeadFactory(organization=other, station=osaka_station, title="Plant")
    done = merged(kept, other)
    Lead.objects.get(pk=lead.pk)
    lead.refresh_from_db()
    lead.organization = OrganizationFactory()
    lead.save()
    (told,) = obstacles(director, done)
    (hidden,) = obstacles(officer, done)
    assert "Plant" in told.messages[0]
    assert "Plant" not in hidden.messages[0]


def test_rows_that_came_since_stay_and_removed_ones_stay_removed():
    kept, other = two()
    alias = AliasFactory(organization=other)
    done = merged(kept, other)
    came = LeadFactory(organization=kept)
    Alias.objects.get(pk=alias.pk).delete()
    unmerge(SYSTEM, done)
    came.refresh_from_db()
    assert (came.organization, Alias.objects.filter(pk=alias.pk).exists()) == (kept, False)


def test_a_number_that_somebody_else_has_by_now_is_named():
    kept, other = two(corporate_number=NUMBER)
    done = merged(kept, other, winners={"corporate_number": "kept"})
    OrganizationFactory(name="Third", corporate_number=NUMBER)
    with pytest.raises(ValidationError, match=r"Third has the same"):
        unmerge(SYSTEM, done)


def test_a_later_merge_that_builds_on_it_is_undone_first():
    kept, other, third = OrganizationFactory(), OrganizationFactory(), OrganizationFactory()
    talk = InteractionFactory()
    talk.organizations.set([other, third])
    first, second = merged(kept, other), merged(kept, third)
    with pytest.raises(ValidationError, match=r"The later merge of .* builds on this one"):
        unmerge(SYSTEM, first)
    unmerge(SYSTEM, second)
    unmerge(SYSTEM, first)
    assert set(talk.organizations.all()) == {other, third}


def test_it_is_undone_once():
    kept, other = two()
    done = merged(kept, other)
    unmerge(SYSTEM, done)
    with pytest.raises(ValidationError, match=r"has been undone already"):
        unmerge(SYSTEM, done)


# -- at length ---------------------------------------------------------------------------------------------------------


def queries(act):
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def test_looking_and_merging_take_as_many_queries_for_three_rows_as_for_one(director):
    counts = []
    for rows in (1, 1, 3):
        kept, other = surround(OrganizationFactory()), surround(OrganizationFactory(), times=rows)
        counts.append((queries(Preview(director, kept, other).moves), queries(lambda k=kept, o=other: merged(k, o))))
    assert counts[2] == counts[1]


def test_talks_are_moved_many_at_a_time():
    counts = []
    for talks in (2, 2, 30):
        kept, other = two()
        other.interactions.set([InteractionFactory() for _one in range(talks)])
        counts.append(queries(lambda k=kept, o=other: merged(k, o)))
        assert Interaction.objects.filter(organizations=kept).count() == talks
    assert counts[2] == counts[1]


def test_the_guest_list_of_another_event_moves(director):
    guest = GuestFactory()
    kept = PersonFactory()
    merged(kept, guest.person)
    assert Guest.objects.get(pk=guest.pk).person == kept


@every_model
def test_current_records_are_told_by_one_condition_alone(model):
    """So that an index of them answers a long list: what is merged is archived."""
    kept, other, further = (MAKE[model]() for _one in range(3))
    merged(kept, other)
    current = model.objects.filter(pk__gt=0).active()
    assert "merged_into" not in str(current.values("pk").query)
    assert set(current) == {kept, further}
    assert set(model.objects.all()) == {kept, further}
