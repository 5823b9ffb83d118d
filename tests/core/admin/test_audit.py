"""The change history as a list: whose entries are on it, and how they are found."""

import datetime

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.accounts import User
from core.admin.links import change_url, list_url
from core.admin.paginator import ListPaginator
from core.request_context import acting
from core.tokens import ApiToken
from crm.models import Alias, Lead, Organization
from projects.models import ContractParty
from tests.factories import (
    AliasFactory,
    ContractFactory,
    LeadFactory,
    OrganizationFactory,
    PartyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
HISTORY = list_url(LogEntry)


@pytest.fixture
def head_of_station(officer):
    """An officer who may read the change history."""
    officer.user_permissions.add(Permission.objects.get(content_type__app_label="auditlog", codename="view_logentry"))
    return User.objects.get(pk=officer.pk)


@pytest.fixture
def listed(logged_in):
    """`listed(user, **filters)` answers the (model, name) of the entries on the list."""

    def entries(user, **filters):
        response = logged_in(user).get(HISTORY, filters)
        assert response.status_code == 200
        entries.page = response
        return {(e.content_type.model_class(), e.object_repr) for e in response.context["cl"].result_list}

    return entries


def entry_of(record):
    return LogEntry.objects.get_for_object(record).first()


# -- whose entries ----------------------------------------------------------------------------------------------------


def test_entries_of_a_station_are_for_its_people(head_of_station, tokyo_station, listed):
    LeadFactory(title="ours", station=tokyo_station)
    LeadFactory(title="theirs")
    shown = listed(head_of_station)
    assert (Lead, "ours") in shown
    assert (Lead, "theirs") not in shown


def test_entries_of_parts_go_with_their_whole(head_of_station, tokyo_station, listed):
    for station, name in ((tokyo_station, "ours"), (None, "theirs")):
        contract = ContractFactory(**({"station": station} if station else {}))
        PartyFactory(contract=contract, organization=OrganizationFactory(name=name))
    parties = {name for model, name in listed(head_of_station) if model is ContractParty}
    assert parties == {"ours"}


def test_entries_of_shared_records_are_for_all_readers_also_when_the_part_is_gone(head_of_station, listed):
    AliasFactory(name="NEC").delete()
    assert (Alias, "NEC") in listed(head_of_station, action=LogEntry.Action.DELETE)


def test_entries_of_a_part_that_was_removed_from_a_hidden_record_are_for_those_who_see_all(
    head_of_station, auditor, listed
):
    PartyFactory(organization=OrganizationFactory(name="theirs")).delete()
    assert (ContractParty, "theirs") not in listed(head_of_station)
    assert (ContractParty, "theirs") in listed(auditor)


def test_entries_of_accounts_and_of_the_tokens_of_others_are_not_for_colleagues(head_of_station, auditor, listed):
    UserFactory(username="tanaka")
    ApiToken.issue(UserFactory(), "nightly")
    kinds = {model for model, _name in listed(head_of_station)}
    assert not {User, ApiToken} & kinds
    assert {User, ApiToken} <= {model for model, _name in listed(auditor)}


def test_ones_own_tokens_are_on_the_list(head_of_station, listed):
    token, _secret = ApiToken.issue(head_of_station, "nightly")
    assert (ApiToken, str(token)) in listed(head_of_station)


def test_who_sees_all_stations_reads_every_entry(auditor, listed):
    LeadFactory(title="theirs")
    listed(auditor)
    assert listed.page.context["cl"].result_count == LogEntry.objects.count()


def test_the_page_of_a_hidden_entry_does_not_exist(head_of_station, tokyo_station, logged_in):
    client = logged_in(head_of_station)
    answers = [
        client.get(change_url(entry)).status_code
        for entry in (entry_of(LeadFactory(station=tokyo_station)), entry_of(LeadFactory()), LogEntry(pk=999_999))
    ]
    assert answers == [200, 404, 404]


def test_the_end_of_a_membership_hides_the_entries(head_of_station, tokyo_station, listed):
    LeadFactory(title="ours", station=tokyo_station)
    head_of_station.station_memberships.get().delete()
    assert (Lead, "ours") not in listed(head_of_station)


# -- finding them -----------------------------------------------------------------------------------------------------


def test_by_the_name_that_the_record_had(auditor, listed):
    organization = OrganizationFactory(name="日本電気")
    organization.name = "NEC"
    organization.save()
    OrganizationFactory(name="三菱電機")
    assert listed(auditor, search="日本電") == {(Organization, "日本電気")}


def test_by_the_number_of_the_record(auditor, listed):
    lead = LeadFactory(title="the one")
    LeadFactory(title="another")
    assert listed(auditor, search=lead.reference.lower()) == {(Lead, "the one")}


def test_by_who_did_it(auditor, officer, listed):
    with acting(officer):
        OrganizationFactory(name="by the officer")
    OrganizationFactory(name="by a command")
    assert listed(auditor, actor=officer.pk) == {(Organization, "by the officer")}


def test_by_the_kind_of_record(auditor, listed):
    LeadFactory(title="a lead")
    assert listed(auditor, kind="crm.lead") == {(Lead, "a lead")}


def test_by_what_was_done(auditor, listed):
    organization = OrganizationFactory(name="old")
    organization.name = "new"
    organization.save()
    assert listed(auditor, action=LogEntry.Action.UPDATE, kind="crm.organization") == {(Organization, "new")}


def test_by_the_request(auditor, listed):
    with acting(request_id="4711"):
        OrganizationFactory(name="in the request")
    OrganizationFactory(name="in another")
    assert listed(auditor, request="4711") == {(Organization, "in the request")}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"since": "2024-04-02"}, {"2nd", "3rd"}),
        ({"until": "2024-04-02"}, {"1st", "2nd"}),
        ({"since": "2024-04-02", "until": "2024-04-02"}, {"2nd"}),
    ],
)
def test_by_the_day_in_the_time_of_the_reader(filters, found, auditor, listed):
    """The auditor reads in Shanghai, where the days begin at 16:00 UTC."""
    for name, moment in (("1st", (1, 15, 59)), ("2nd", (1, 16, 0)), ("3rd", (2, 16, 0))):
        day, hour, minute = moment
        entry = entry_of(OrganizationFactory(name=name))
        LogEntry.objects.filter(pk=entry.pk).update(
            timestamp=datetime.datetime(2024, 4, day, hour, minute, tzinfo=datetime.UTC)
        )
    LogEntry.objects.exclude(timestamp__year=2024)._raw_delete("default")
    assert {name for _model, name in listed(auditor, **filters)} == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"search": "\x00"}, {"kind": "crm.nothing"}, {"action": "9"}, {"since": "yesterday"}, {"until": "9999-12-31"},
        {"actor": "x"}, {"actor": "999999"}, {"request": "\x00"},
    ],
)  # fmt: skip
def test_a_wrong_filter_shows_its_message_and_no_entries(wrong, auditor, listed):
    OrganizationFactory()
    assert listed(auditor, **wrong) == set()
    assert listed.page.context["filter_form"].errors


@pytest.mark.parametrize("text", ["'", "L-", "-1", "L-99999999999999999999", "%", "日本"])
def test_whatever_is_searched_is_a_name_or_a_number(text, auditor, listed):
    listed(auditor, search=text)
    assert not listed.page.context["filter_form"].errors


def test_filters_are_offered_in_words(auditor, listed):
    listed(auditor)
    text = listed.page.content.decode()
    assert [word in text for word in ("Organization: alias", "Lead: stage change", "Changed")] == [True] * 3


# -- many entries -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["auditor", "head_of_station"])
def test_the_list_takes_the_same_queries_for_any_number_of_entries(who, tokyo_station, logged_in, request):
    client, counts = logged_in(request.getfixturevalue(who)), []
    client.get(HISTORY)  # what is read once per process
    for _more in range(3):
        for _each in range(5):
            LeadFactory(station=tokyo_station)
        with CaptureQueriesContext(connection) as queries:
            client.get(HISTORY)
        counts.append(len(queries))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 8


def test_no_more_are_counted_than_in_any_long_list(auditor, listed):
    OrganizationFactory.create_batch(3)
    listed(auditor)
    assert isinstance(listed.page.context["cl"].paginator, ListPaginator)


def test_an_entry_of_a_kind_that_is_gone_can_still_be_read(auditor, logged_in):
    kind = ContentType.objects.create(app_label="crm", model="gone")
    entry = LogEntry.objects.create(
        content_type=kind, object_pk="1", object_id=1, object_repr="was here", action=0, changes={"name": ["", "x"]}
    )
    response = logged_in(auditor).get(change_url(entry))
    assert response.status_code == 200
    assert "was here" in response.content.decode()
