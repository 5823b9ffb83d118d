"""The change history in words, in the reader's language and within the reader's sight."""

import datetime

import pytest
from auditlog.models import LogEntry
from django.utils import timezone, translation

from core import access, history
from core.request_context import acting
from crm.models import Person
from tests.factories import (
    AffiliationFactory,
    AliasFactory,
    GuestFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def changes(user, record, index=0):
    return {change.field: (change.before, change.after) for change in history.readable(user, record)[index].changes}


def test_an_entry_says_who_when_from_where_and_what(director):
    with acting(director, "192.0.2.7", "abc"):
        organization = OrganizationFactory(name="日本電気")
    (entry,) = history.readable(director, organization)
    assert (entry.by, entry.by_name, entry.address, entry.request_id) == (director.pk, "director", "192.0.2.7", "abc")
    assert (entry.action, entry.action_label, entry.object) == ("create", "Created", "Organization: 日本電気")
    assert timezone.now() - entry.at < datetime.timedelta(minutes=1)


def test_the_newest_entry_comes_first(director):
    lead = LeadFactory(next_step="call")
    lead.next_step = "visit"
    lead.save()
    assert [entry.action for entry in history.readable(director, lead)] == ["update", "create"]
    assert changes(director, lead) == {"next_step": ("call", "visit")}


def test_only_the_newest_are_read(director):
    lead = LeadFactory()
    for number in range(3):
        lead.next_step = str(number)
        lead.save()
    assert len(history.readable(director, lead, newest=2)) == 2


def test_labels_and_choices_are_in_the_language_of_the_reader(director):
    organization = OrganizationFactory(kind="company")
    organization.kind = "government"
    organization.save()
    with translation.override("ja"):
        (change,) = history.readable(director, organization)[0].changes
        japanese = change.label, change.before, change.after
    assert changes(director, organization) == {"kind": ("Company", "Government")}
    assert not set(japanese) & {"Kind", "Company", "Government"}


def test_yes_and_no_are_words(director):
    user = UserFactory(is_staff=False)
    user.is_staff = True
    user.save()
    assert changes(director, user) == {"is_staff": ("No", "Yes")}


def test_times_are_in_the_time_zone_of_the_reader(director):
    talk = InteractionFactory(starts_at=datetime.datetime(2024, 7, 2, 5, tzinfo=datetime.UTC))
    with timezone.override("Asia/Tokyo"):
        assert "14:00" in changes(director, talk)["starts_at"][1]


def test_empty_values_are_empty(director):
    lead = LeadFactory(jobs=None)
    lead.jobs = 5
    lead.save()
    assert changes(director, lead) == {"jobs": ("", "5")}


def test_related_records_are_named(director):
    lead = LeadFactory(organization=OrganizationFactory(name="日本電気"))
    lead.organization = OrganizationFactory(name="三菱電機")
    lead.save()
    assert changes(director, lead) == {"organization": ("日本電気", "三菱電機")}


def test_related_records_out_of_sight_stay_unnamed(stranger, director):
    guest = GuestFactory()
    guest.lead = LeadFactory(title="Secret plant")
    guest.save()
    assert changes(stranger, guest) == {"lead": ("", "…")}
    assert changes(director, guest) == {"lead": ("", "Secret plant")}


def test_links_are_named_where_they_came_and_where_they_went(director):
    talk, person = InteractionFactory(), PersonFactory(family_name="山田", given_name="太郎")
    talk.people.add(person)
    assert changes(director, talk) == {"people": ("", "山田太郎")}
    talk.people.remove(person)
    assert changes(director, talk) == {"people": ("山田太郎", "")}


def test_parts_are_marked_and_named(director):
    organization = OrganizationFactory()
    AliasFactory(organization=organization, name="NEC")
    part, whole = history.readable(director, organization)
    assert (part.is_part, part.object, whole.is_part) == (True, "Alias: NEC", False)


def test_an_author_who_left_is_still_named(director):
    author = UserFactory(username="leaver")
    with acting(author):
        organization = OrganizationFactory()
    LogEntry.objects.update(actor=None)
    assert [entry.by_name for entry in history.readable(director, organization)] == ["leaver"]


def test_work_of_the_system_names_nobody(director):
    (entry,) = history.readable(director, OrganizationFactory())
    assert (entry.by, entry.by_name, entry.address) == (None, "", "")


def test_a_field_that_no_longer_exists_keeps_its_name(director):
    organization = OrganizationFactory()
    LogEntry.objects.update(changes={"fax": ["None", "03-1234"]})
    assert changes(director, organization) == {"fax": ("", "03-1234")}


def test_the_number_of_queries_does_not_grow_with_the_entries(director, django_assert_max_num_queries):
    person = PersonFactory()
    AffiliationFactory.create_batch(5, person=person)
    director.get_all_permissions()
    with django_assert_max_num_queries(9):
        assert len(history.readable(director, person)) == 6


@pytest.mark.parametrize(("reader", "shown"), [("officer", "…"), ("director", "山田太郎")])
def test_links_to_records_that_only_some_see_are_unnamed_for_who_does_not_see_all(reader, shown, request, monkeypatch):
    """No relation of today links to several such records; the log holds names alone."""
    talk = InteractionFactory()
    talk.people.add(PersonFactory(family_name="山田", given_name="太郎"))
    monkeypatch.setitem(access._rules, Person, access.Rule(lambda user, queryset, action: queryset, restricted=True))
    assert changes(request.getfixturevalue(reader), talk)["people"] == ("", shown)


def test_links_to_records_that_one_may_not_see_at_all_are_unnamed(nobody):
    talk = InteractionFactory()
    talk.people.add(PersonFactory(family_name="山田", given_name="太郎"))
    assert changes(nobody, talk)["people"] == ("", "…")
