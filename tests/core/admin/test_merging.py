"""Merging on the staff site: choosing, looking, doing it, and the way back."""

import pytest
from django.urls import reverse

from core.access import SYSTEM
from core.admin.merging import merge_url, unmerge_url
from core.merges import Merge
from core.merging import merge
from crm.models import Organization
from tests.factories import GuestFactory, LeadFactory, OrganizationFactory, PersonFactory
from tests.pages import form_values, record_page

pytestmark = pytest.mark.django_db
LIST = "admin:crm_organization_changelist"


@pytest.fixture
def client(director, logged_in):
    return logged_in(director)


@pytest.fixture
def two():
    return OrganizationFactory(name="日本電気", city=""), OrganizationFactory(name="NEC", city="Tokyo")


def submit(client, kept, other, **changes):
    page = client.get(merge_url(kept, other))
    return client.post(merge_url(kept, other), form_values(page, "content-main") | changes)


def text(response):
    return response.content.decode()


def test_the_page_of_a_record_offers_it(client, two):
    assert merge_url(two[0]) in text(client.get(record_page(two[0], "read")))


def test_it_is_not_offered_to_who_may_not(auditor, logged_in, two):
    assert merge_url(two[0]) not in text(logged_in(auditor).get(record_page(two[0], "read")))


def test_first_the_other_record_is_chosen(client, two):
    page = client.get(merge_url(two[0]))
    assert 'name="with"' in text(page)
    assert 'method="get"' in text(page)


@pytest.mark.parametrize("wrong", ["", "x", "0", "999999999", "9" * 30, "\x00"])
def test_a_wrong_choice_is_asked_again(client, two, wrong):
    page = client.get(merge_url(two[0]), {"with": wrong})
    assert page.status_code == 200
    assert page.context["form"].errors or not page.context["form"].is_bound


def test_a_record_is_not_merged_with_itself(client, two):
    page = client.get(merge_url(two[0]), {"with": two[0].pk})
    assert "this is the same one" in text(page)


def test_the_preview_shows_both_values_and_who_wins(client, two):
    values = form_values(client.get(merge_url(*two)), "content-main")
    assert (values["field-name"], values["field-city"]) == (["kept"], ["other"])
    assert "field-country" not in values  # both have the same
    assert Merge.objects.count() == 0


def test_the_preview_tells_what_moves_and_what_both_have(client):
    guest, kept = GuestFactory(), PersonFactory()
    GuestFactory(event=guest.event, person=kept)
    LeadFactory(contact=guest.person)
    moves = {move["label"]: move for move in client.get(merge_url(kept, guest.person)).context["moves"]}
    assert moves["Leads – contact"]["count"] == 1
    assert moves["Guests – person"]["count"] == 0
    assert [guest.reference in double for double in moves["Guests – person"]["doubles"]] == [True]


def test_the_links_lead_to_the_lists_of_what_moves(client, two):
    lead = LeadFactory(organization=two[1])
    (move,) = client.get(merge_url(*two)).context["moves"]
    assert lead.title in text(client.get(move["url"]))


def test_the_other_one_can_stay_instead(client, two):
    assert client.get(merge_url(*two)).context["swap_url"] == merge_url(two[1], two[0])


def test_merging_leads_to_the_record_with_a_way_back(client, two):
    kept, other = two
    answer = submit(client, kept, other)
    assert answer["Location"] == record_page(kept, "read")
    page = text(client.get(answer["Location"]))
    assert "was merged into this record" in page
    assert page.count(unmerge_url(kept, other.pk)) == 2  # in the message and in the panel


def test_the_choice_of_each_field_is_followed(client, two):
    submit(client, *two, **{"field-name": "other", "field-city": "kept"})
    two[0].refresh_from_db()
    assert (two[0].name, two[0].city) == ("NEC", "")


@pytest.mark.parametrize("changed", [0, 1])
def test_a_record_that_was_changed_meanwhile_is_shown_anew(client, two, changed):
    values = form_values(client.get(merge_url(*two)), "content-main")
    two[changed].notes = "written meanwhile"
    two[changed].save()
    page = client.post(merge_url(*two), values)
    assert "One of the two was changed since you looked" in text(page)
    assert "written meanwhile" in text(page)
    assert Merge.objects.count() == 0
    assert client.post(merge_url(*two), form_values(page, "content-main")).status_code == 302


def test_two_companies_are_told_apart_and_nothing_can_be_sent(client):
    kept = OrganizationFactory(corporate_number="7010401022916")
    other = OrganizationFactory(corporate_number="2010405003693")
    page = client.get(merge_url(kept, other))
    assert "These are two different ones" in text(page)
    assert 'type="submit" class="button primary">Merge' not in text(page)


@pytest.mark.parametrize("chosen", [1, 3])
def test_in_a_list_two_are_ticked(client, chosen):
    pks = [OrganizationFactory().pk for _one in range(chosen)]
    answer = client.post(reverse(LIST), {"action": "merge_chosen", "_selected_action": pks}, follow=True)
    assert "Tick exactly two" in text(answer)


def test_two_ticked_lead_to_the_preview(client, two):
    pks = [record.pk for record in two]
    answer = client.post(reverse(LIST), {"action": "merge_chosen", "_selected_action": pks})
    assert answer["Location"] == merge_url(*two)


@pytest.mark.parametrize("page", ["read", "change", "history"])
def test_the_old_address_leads_to_the_record(client, two, page):
    kept, other = two
    merge(SYSTEM, Organization, kept.pk, other.pk)
    answer = client.get(record_page(other, page), follow=True)
    assert answer.redirect_chain[0] == (record_page(kept, "change" if page == "change" else "read"), 301)
    assert "was merged into this record" in text(answer)


def test_a_form_that_was_open_says_that_the_record_was_merged(client, two):
    kept, other = two
    page = client.get(record_page(other, "change"))
    values = form_values(page, "organization_form") | {"city": "Kobe"}
    merge(SYSTEM, Organization, kept.pk, other.pk)
    answer = client.post(record_page(other, "change"), values)
    assert answer.status_code == 301
    kept.refresh_from_db()
    assert kept.city == "Tokyo"


def test_undoing_asks_and_brings_the_record_back(client, two):
    kept, other = two
    merge(SYSTEM, Organization, kept.pk, other.pk)
    page = client.get(unmerge_url(kept, other.pk))
    answer = client.post(unmerge_url(kept, other.pk), form_values(page, "content-main"))
    assert answer["Location"] == record_page(other, "read")
    assert client.get(record_page(other, "read")).status_code == 200
    assert client.get(unmerge_url(kept, other.pk)).status_code == 404


def test_what_stands_in_the_way_is_named_before_and_after(client, two):
    kept, other = two
    merge(SYSTEM, Organization, kept.pk, other.pk)
    kept.refresh_from_db()
    kept.city = "Kobe"
    kept.save()
    page = client.get(unmerge_url(kept, other.pk))
    assert "Set it back to “Tokyo” first" in text(page)
    again = client.post(unmerge_url(kept, other.pk), form_values(page, "content-main"))
    assert "Set it back to “Tokyo” first" in text(again)


def test_a_kept_record_that_was_changed_meanwhile_is_asked_about_again(client, two):
    kept, other = two
    merge(SYSTEM, Organization, kept.pk, other.pk)
    values = form_values(client.get(unmerge_url(kept, other.pk)), "content-main")
    kept.refresh_from_db()
    kept.save()
    assert "was changed since you looked" in text(client.post(unmerge_url(kept, other.pk), values))


def test_looking_takes_as_many_queries_for_three_rows_as_for_one(client, django_assert_max_num_queries):
    kept, other = OrganizationFactory(), OrganizationFactory()
    for _one in range(3):
        LeadFactory(organization=other)
    with django_assert_max_num_queries(60):
        client.get(merge_url(kept, other))


def test_other_stations_change_nothing_on_the_page(officer, logged_in, osaka_station, two):
    client = logged_in(officer)
    before = client.get(merge_url(*two)).context["moves"]
    LeadFactory(organization=two[1], station=osaka_station, title="Secret")
    page = client.get(merge_url(*two))
    assert page.context["moves"] == before
    assert "Secret" not in text(page)
    assert "they move as well" in text(page)
