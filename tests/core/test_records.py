"""Who and when, versions against silent overwriting, archive and restore, search."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from core.records import StaleRecord, one_change
from core.request_context import acting
from crm.models import Lead, Organization, Sector
from tests.factories import (
    AliasFactory,
    ContractFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PartyFactory,
    PersonFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def version(record):
    return type(record).objects.values_list("version", flat=True).get(pk=record.pk)


# -- who and when -----------------------------------------------------------------------------------------------------


def test_a_new_record_names_its_author(officer):
    with acting(officer):
        organization = OrganizationFactory()
    organization.refresh_from_db()
    assert (organization.created_by, organization.updated_by) == (officer, officer)


def test_a_change_names_the_one_who_changed_and_keeps_the_author(officer, director):
    with acting(officer):
        organization = OrganizationFactory()
    with acting(director):
        organization.save()
    organization.refresh_from_db()
    assert (organization.created_by, organization.updated_by) == (officer, director)


def test_work_without_a_user_keeps_the_last_known_name(officer):
    with acting(officer):
        organization = OrganizationFactory()
    organization.save()
    organization.refresh_from_db()
    assert organization.updated_by == officer


def test_a_command_leaves_the_author_empty():
    assert OrganizationFactory().created_by is None


def test_an_author_given_by_an_import_is_kept(officer, director):
    with acting(director):
        assert OrganizationFactory(created_by=officer).created_by == officer


def test_the_time_of_the_change_is_renewed_and_the_time_of_creation_kept():
    long_ago = timezone.now() - datetime.timedelta(days=9)
    organization = OrganizationFactory(created_at=long_ago)
    Organization.objects.update(updated_at=long_ago)
    organization.save()
    organization.refresh_from_db()
    assert organization.created_at == long_ago
    assert organization.updated_at > timezone.now() - datetime.timedelta(minutes=1)


# -- versions ---------------------------------------------------------------------------------------------------------


def test_every_save_raises_the_version():
    organization = OrganizationFactory()
    versions = [organization.version]
    for _save in range(2):
        organization.save()
        versions.append(version(organization))
    assert versions == [1, 2, 3]


def test_the_second_of_two_writers_is_refused():
    lead = LeadFactory(next_step="old")
    first, second = Lead.objects.get(pk=lead.pk), Lead.objects.get(pk=lead.pk)
    first.next_step = "first"
    first.save()
    second.next_step = "second"
    with pytest.raises(StaleRecord) as caught:
        second.save()
    lead.refresh_from_db()
    assert (lead.next_step, lead.version) == ("first", 2)
    assert caught.value.record is second


def test_a_refused_writer_keeps_the_version_that_was_read():
    lead = LeadFactory()
    stale = Lead.objects.get(pk=lead.pk)
    lead.save()
    for _again in range(2):
        with pytest.raises(StaleRecord):
            stale.save()
    assert stale.version == 1


def test_a_writer_who_reads_again_succeeds():
    lead = LeadFactory()
    stale = Lead.objects.get(pk=lead.pk)
    lead.save()
    stale.refresh_from_db()
    stale.save()
    assert version(lead) == 3


def test_saving_single_fields_raises_the_version_too(officer):
    lead = LeadFactory(next_step="old", notes="old")
    lead.next_step = lead.notes = "new"
    with acting(officer):
        lead.save(update_fields=["next_step"])
    lead.refresh_from_db()
    assert (lead.next_step, lead.notes, lead.version, lead.updated_by) == ("new", "old", 2, officer)


def test_saving_single_fields_of_a_stale_record_is_refused():
    lead = LeadFactory()
    stale = Lead.objects.get(pk=lead.pk)
    lead.save()
    with pytest.raises(StaleRecord):
        stale.save(update_fields=["next_step"])


def test_a_save_that_the_database_refuses_does_not_count():
    organization = OrganizationFactory()
    organization.created_at = None
    with pytest.raises(Exception, match=r"(?i)null"):
        organization.save()
    assert (organization.version, version(organization)) == (1, 1)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_no_update_is_lost_between_eight_writers():
    if connection.vendor != "postgresql":
        pytest.skip("the test database of SQLite is in memory and has one connection")
    lead = LeadFactory(jobs=0)

    def add_ten(_writer):
        done = 0
        while done < 10:
            copy = Lead.objects.get(pk=lead.pk)
            copy.jobs += 1
            try:
                copy.save()
            except StaleRecord:
                continue
            done += 1
        connection.close()

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(add_ten, range(8)))
    lead.refresh_from_db()
    assert (lead.jobs, lead.version) == (80, 81)


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_of_eight_who_read_the_same_version_one_saves():
    if connection.vendor != "postgresql":
        pytest.skip("the test database of SQLite is in memory and has one connection")
    lead = LeadFactory()
    copies = [Lead.objects.get(pk=lead.pk) for _writer in range(8)]

    def save(copy):
        try:
            copy.save()
        except StaleRecord:
            return "refused"
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(8) as writers:
        outcomes = sorted(writers.map(save, copies))
    assert outcomes == ["refused"] * 7 + ["saved"]


# -- parts and links --------------------------------------------------------------------------------------------------


def test_adding_changing_and_removing_a_part_each_raise_the_version():
    organization = OrganizationFactory()
    alias = AliasFactory(organization=organization, name="NEC")
    alias.name = "Nippon Electric"
    alias.save()
    alias.delete()
    assert (organization.version, version(organization)) == (4, 4)


def test_the_holder_of_a_record_can_save_after_its_part_changed():
    organization = OrganizationFactory()
    AliasFactory(organization=organization)
    organization.save()
    assert version(organization) == 3


def test_a_change_of_a_part_makes_other_readers_stale():
    organization = OrganizationFactory()
    other = Organization.objects.get(pk=organization.pk)
    AliasFactory(organization=organization)
    with pytest.raises(StaleRecord):
        other.save()


def test_a_change_of_a_part_is_stamped_on_the_record(officer, director):
    with acting(officer):
        organization = OrganizationFactory()
    with acting(director):
        AliasFactory(organization=organization)
    organization.refresh_from_db()
    assert organization.updated_by == director


def test_a_record_is_found_by_its_part_until_the_part_is_removed():
    organization = OrganizationFactory(name="日本電気")
    alias = AliasFactory(organization=organization, name="NEC")
    assert list(Organization.objects.search("nec")) == [organization]
    alias.delete()
    assert not Organization.objects.search("nec").exists()


@pytest.mark.parametrize("change", ["add", "remove", "set", "clear"])
def test_every_change_of_links_raises_the_version(change):
    talk, person = InteractionFactory(), PersonFactory()
    if change in ("remove", "clear"):
        talk.people.through.objects.create(interaction=talk, person=person)
    getattr(talk.people, change)(*{"add": [person], "remove": [person], "set": [[person]], "clear": []}[change])
    assert (talk.version, version(talk)) == (2, 2)


def test_links_changed_from_the_other_side_raise_the_version_of_the_record_that_declares_them():
    organization, sector = OrganizationFactory(), Sector.objects.first()
    sector.organizations.add(organization)
    assert version(organization) == 2
    sector.organizations.clear()
    assert version(organization) == 3


def test_setting_the_same_links_again_changes_nothing():
    talk, person = InteractionFactory(), PersonFactory()
    talk.people.set([person])
    talk.people.set([person])
    assert version(talk) == 2


def test_links_of_a_part_count_for_the_whole():
    contract = ContractFactory()
    party = PartyFactory(contract=contract)
    before = version(contract)
    party.signatories.add(PersonFactory())
    assert version(contract) == before + 1


def test_links_of_other_models_are_left_alone():
    user, lead = UserFactory(role="Officer"), LeadFactory()
    user.groups.clear()
    assert version(lead) == 1


# -- archive ----------------------------------------------------------------------------------------------------------


def test_archiving_says_who_when_and_why(officer):
    lead = LeadFactory()
    with acting(officer):
        lead.archive("  registered twice ")
    lead.refresh_from_db()
    assert (lead.is_archived, lead.archived_by, lead.archive_reason) == (True, officer, "registered twice")
    assert timezone.now() - lead.archived_at < datetime.timedelta(minutes=1)


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_archiving_without_a_reason_is_refused(reason):
    lead = LeadFactory()
    with pytest.raises(ValidationError) as caught:
        lead.archive(reason)
    assert caught.value.error_dict["reason"][0].code == "required"
    assert not Lead.objects.get(pk=lead.pk).is_archived


@pytest.mark.parametrize("reason", ["x" * 256, "a\x00b"])
def test_a_reason_that_cannot_be_stored_is_refused(reason):
    lead = LeadFactory()
    with pytest.raises(ValidationError):
        lead.archive(reason)
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_an_archived_record_is_not_archived_again():
    lead = LeadFactory()
    lead.archive("registered twice")
    with pytest.raises(ValidationError, match="already archived"):
        lead.archive("once more")
    assert Lead.objects.get(pk=lead.pk).archive_reason == "registered twice"


def test_restoring_leaves_no_trace_in_the_record(officer):
    lead = LeadFactory()
    with acting(officer):
        lead.archive("registered twice")
    lead.restore()
    lead.refresh_from_db()
    assert (lead.archived_at, lead.archived_by, lead.archive_reason, lead.version) == (None, None, "", 3)


def test_a_current_record_is_not_restored():
    with pytest.raises(ValidationError, match="not archived"):
        LeadFactory().restore()


def test_archiving_a_stale_record_is_refused():
    lead = LeadFactory()
    stale = Lead.objects.get(pk=lead.pk)
    lead.save()
    with pytest.raises(StaleRecord):
        stale.archive("registered twice")
    assert not Lead.objects.get(pk=lead.pk).is_archived


def test_active_and_archived_divide_all_records():
    current, archived = LeadFactory(), LeadFactory()
    archived.archive("registered twice")
    assert list(Lead.objects.active()) == [current]
    assert list(Lead.objects.archived()) == [archived]


# -- texts and search -------------------------------------------------------------------------------------------------


def test_nul_is_refused_at_its_field():
    organization = OrganizationFactory.build(name="日本\x00電気", notes="\x00")
    with pytest.raises(ValidationError) as caught:
        organization.full_clean()
    assert {name: errors[0].code for name, errors in caught.value.error_dict.items()} == {
        "name": "null_character",
        "notes": "null_character",
    }


def test_nul_is_refused_in_parts_too():
    alias = AliasFactory.build(organization=OrganizationFactory(), name="\x00")
    with pytest.raises(ValidationError, match="NUL"):
        alias.full_clean()


def test_the_reference_is_made_of_prefix_and_number():
    lead = LeadFactory(pk=123)
    assert (lead.reference, Lead().reference) == ("L-000123", "")


def test_a_record_is_found_by_its_reference():
    lead = LeadFactory(title="Battery plant")
    LeadFactory(title="Other")
    assert list(Lead.objects.search(lead.reference)) == [lead]
    assert list(Lead.objects.search(lead.reference.lower())) == [lead]


@pytest.mark.parametrize("query", ["L-", "L-x", "L-99999999999999999999", "L-٣", "L-1.5"])
def test_what_only_looks_like_a_reference_finds_nothing(query):
    LeadFactory(title="Battery plant")
    assert not Lead.objects.search(query).exists()


def test_every_word_must_be_found_but_not_in_one_place():
    organization = OrganizationFactory(name="日本電気")
    lead = LeadFactory(title="Battery plant", organization=organization)
    assert list(Lead.objects.search("日本电气 battery")) == [lead]
    assert not Lead.objects.search("日本电气 warehouse").exists()


def test_an_empty_query_finds_everything():
    lead = LeadFactory()
    assert list(Lead.objects.search("  ")) == [lead]


def test_nul_is_in_no_record():
    LeadFactory(title="Battery plant")
    assert not Lead.objects.search("battery\x00").exists()


def test_signs_with_a_meaning_in_sql_are_plain_text():
    LeadFactory(title="Battery plant")
    percent = LeadFactory(title="100% owned_plant")
    assert list(Lead.objects.search("100% owned_plant")) == [percent]
    for sign in "%_'\"*()&|:!\\":
        assert not Lead.objects.search(sign).exists()
        assert list(Lead.objects.search(f"owned{sign}plant")) == [percent]


# -- one change -------------------------------------------------------------------------------------------------------


def test_what_is_stored_together_raises_the_version_once():
    organization = OrganizationFactory()
    with one_change():
        organization.save()
        AliasFactory(organization=organization)
        organization.sectors.add(Sector.objects.first())
        organization.save()
    assert (organization.version, version(organization)) == (2, 2)


def test_a_new_record_with_its_parts_has_version_one():
    with one_change():
        organization = AliasFactory().organization
    assert version(organization) == 1


def test_each_record_of_a_change_is_counted_by_itself():
    first, second = OrganizationFactory(), OrganizationFactory()
    with one_change():
        for organization in (first, second):
            organization.save()
            AliasFactory(organization=organization)
    assert (version(first), version(second)) == (2, 2)


def test_a_change_within_another_belongs_to_it():
    organization = OrganizationFactory()
    with one_change():
        with one_change():
            organization.save()
        organization.save()
    assert version(organization) == 2
    organization.save()
    assert version(organization) == 3


def test_the_second_save_of_a_change_still_notices_another_writer():
    lead = LeadFactory()
    with one_change():
        lead.save()
        Lead.objects.filter(pk=lead.pk).update(version=9)
        with pytest.raises(StaleRecord):
            lead.save()


def test_a_save_that_failed_does_not_count_as_done():
    organization = OrganizationFactory()
    with one_change():
        created_at, organization.created_at = organization.created_at, None
        with pytest.raises(Exception, match=r"(?i)null"):
            organization.save()
        organization.created_at = created_at
        organization.save()
    assert (organization.version, version(organization)) == (2, 2)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL knows that most records are current")
def test_current_records_are_listed_in_the_index_of_their_order():
    """Not through the index of `archived_at`, which would find nearly all of the table and leave it to be sorted."""
    plan = Lead.objects.active().order_by("-created_at", "-pk").values("pk")[:100].explain()
    assert "INDEX crm_lead_created_at" in plan or "INDEX lead_newest" in plan
    assert "TEMP B-TREE" not in plan
