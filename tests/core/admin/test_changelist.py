"""Admin lists: filters, search, pages."""

from urllib.parse import parse_qs

import pytest
from django.http import QueryDict

from core.admin.changelist import filter_parameters, query_string
from core.admin.links import list_url
from crm.models import Interaction, Lead, Organization, Person
from events.models import Guest
from tests.factories import (
    AffiliationFactory,
    GuestFactory,
    InteractionFactory,
    LeadFactory,
    OrganizationFactory,
    PersonFactory,
    StationFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def listed(director, logged_in):
    """`listed(model, **parameters)` answers the names on the list, and `listed.page` the page."""
    client = logged_in(director)

    def names(model, **parameters):
        names.page = client.get(list_url(model), parameters)
        assert names.page.status_code == 200
        return [str(record) for record in names.page.context["cl"].result_list]

    return names


# -- filters ----------------------------------------------------------------------------------------------------------


def test_a_list_is_narrowed_by_the_filters_of_its_resource(listed):
    LeadFactory(title="A", stage="new")
    LeadFactory(title="B", stage="qualified")
    assert listed(Lead, stage="qualified") == ["B"]


def test_search_finds_any_script(listed):
    OrganizationFactory(name="日本電気")
    OrganizationFactory(name="三菱電機")
    assert listed(Organization, search="日本电气") == ["日本電気"]


def test_archived_records_are_on_the_list_only_when_asked_for(listed):
    LeadFactory(title="A")
    LeadFactory(title="B").archive("registered twice")
    assert listed(Lead) == ["A"]
    assert listed(Lead, archived="true") == ["B"]


def test_a_wrong_filter_shows_its_message_and_no_records(listed):
    LeadFactory()
    assert listed(Lead, stage="painted") == []
    assert "painted is not one of the available choices" in listed.page.content.decode()


def test_a_record_that_matches_twice_is_listed_once(listed):
    organization, person = OrganizationFactory(), PersonFactory()
    AffiliationFactory.create_batch(2, organization=organization, person=person)
    assert listed(Person, organization=organization.pk) == [str(person)]


def test_active_filters_are_told_in_words_with_a_way_out(listed):
    station = StationFactory(name="東京")
    listed(Lead, stage="new", station=station.pk, overdue="true", search="x", p="1")
    active = {
        filter_["label"]: (filter_["value"], parse_qs(filter_["remove_url"][1:]))
        for filter_ in listed.page.context["active_filters"]
    }
    rest = {"stage": ["new"], "station": [str(station.pk)], "overdue": ["true"], "search": ["x"]}
    assert active == {
        "Stage": ("New", {name: value for name, value in rest.items() if name != "stage"}),
        "Station": ("東京", {name: value for name, value in rest.items() if name != "station"}),
        "Next step overdue": ("Yes", {name: value for name, value in rest.items() if name != "overdue"}),
    }


def test_several_values_of_a_filter_are_one_active_filter(listed):
    listed(Lead, stage__in="new,contacted")
    (active,) = listed.page.context["active_filters"]
    assert active["value"] == "New, Contacted"


def test_without_filters_nothing_is_active(listed):
    listed(Lead, p="1", o="2")
    assert listed.page.context["active_filters"] == []


def test_hidden_filters_work_through_the_address_and_stay_when_another_is_set(listed):
    lead = LeadFactory(title="A")
    GuestFactory(lead=lead)
    other = GuestFactory()
    assert listed(Guest, lead=lead.pk) != [str(other.person)]
    assert f'<input type="hidden" name="lead" value="{lead.pk}"' in listed.page.content.decode()


def test_long_lists_of_choices_are_not_written_into_the_page(listed):
    OrganizationFactory(name="日本電気")
    listed(Lead)
    assert "日本電気" not in listed.page.content.decode()


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_total_is_told_in_words(count, listed):
    LeadFactory.create_batch(count)
    listed(Lead)
    assert listed.page.context["total"] == ("1 lead" if count == 1 else f"{count} leads")


def test_an_empty_list_offers_to_begin_or_to_search_otherwise(listed):
    listed(Lead)
    assert "The first one starts here." in listed.page.content.decode()
    listed(Lead, search="nothing")
    assert "No leads match" in listed.page.content.decode()


# -- order and pages --------------------------------------------------------------------------------------------------


def test_a_list_can_be_ordered_by_its_columns(listed):
    OrganizationFactory(name="B")
    OrganizationFactory(name="A")
    assert listed(Organization, o="1") == ["A", "B"]
    assert listed(Organization, o="-1") == ["B", "A"]


@pytest.mark.parametrize("order", ["99", "x", "-", "1.1.1", "\x00"])
def test_an_order_that_does_not_exist_is_left_out(order, listed):
    OrganizationFactory(name="A")
    assert listed(Organization, o=order) == ["A"]


def test_a_list_has_pages_of_fifty(listed):
    OrganizationFactory.create_batch(51)
    assert len(listed(Organization)) == 50
    assert len(listed(Organization, p="2")) == 1


@pytest.mark.parametrize("page", ["0", "99", "x"])
def test_a_page_that_does_not_exist_is_no_error(page, director, logged_in):
    OrganizationFactory()
    response = logged_in(director).get(list_url(Organization), {"p": page}, follow=True)
    assert response.status_code == 200


# -- out of sight -----------------------------------------------------------------------------------------------------


def test_a_linked_record_out_of_sight_looks_like_none(stranger, officer, tokyo_station, logged_in):
    secret = LeadFactory(station=tokyo_station, title="Secret plant")
    talk = InteractionFactory(station=tokyo_station, lead=secret, subject="Lunch")
    talk.staff.add(stranger)
    for reader, shown in ((officer, True), (stranger, False)):
        text = logged_in(reader).get(list_url(Interaction)).content.decode()
        assert ("Lunch" in text, "Secret plant" in text) == (True, shown)


def test_a_filter_by_a_record_out_of_sight_answers_like_one_that_does_not_exist(stranger, tokyo_station, logged_in):
    secret = LeadFactory(station=tokyo_station, title="Secret plant")
    GuestFactory(lead=secret)
    client = logged_in(stranger)
    theirs, none = (client.get(list_url(Guest), {"lead": pk}) for pk in (secret.pk, 999_999))
    assert theirs.context["cl"].result_count == none.context["cl"].result_count == 0
    assert theirs.context["filter_form"].errors == none.context["filter_form"].errors != {}


def test_counts_are_of_what_the_reader_sees(stranger, logged_in):
    LeadFactory.create_batch(2)
    response = logged_in(stranger).get(list_url(Lead))
    assert (response.context["cl"].full_result_count, response.context["total"]) == (None, "0 leads")


# -- choosing in a popup ----------------------------------------------------------------------------------------------


def test_a_popup_lists_the_same_records(listed):
    LeadFactory(title="A")
    assert listed(Lead, _popup="1", _to_field="id") == ["A"]


# -- parameters -------------------------------------------------------------------------------------------------------


def test_parameters_of_the_frame_are_no_filters():
    query = QueryDict("stage=new&p=3&o=1&e=1&_popup=1&_to_field=id&all=")
    assert filter_parameters(query).urlencode() == "stage=new"


@pytest.mark.parametrize(
    ("query", "extra", "address"),
    [
        ("stage=new&p=2", {"format": "csv"}, "?stage=new&format=csv"),
        ("", {"format": "csv"}, "?format=csv"),
        ("p=2", {}, "?"),
    ],
)
def test_addresses_keep_the_filters(query, extra, address):
    assert query_string(QueryDict(query), **extra) == address


def test_reading_the_parameters_leaves_the_request_alone():
    query = QueryDict("p=2")
    filter_parameters(query)
    assert query["p"] == "2"
