"""A call or meeting written down on a record's timeline."""

import datetime

import pytest
from auditlog.models import LogEntry

from core.admin.links import record_url
from crm.models import Interaction
from crm.quick_log import log_talk
from tests.factories import AffiliationFactory, LeadFactory, OrganizationFactory, PersonFactory, StationFactory
from tests.pages import form_values, record_page
from tests.rules import refused

pytestmark = pytest.mark.django_db
NOON = datetime.datetime(2024, 7, 2, 12, tzinfo=datetime.UTC)


def send(client, record, **changes):
    """What a browser sends from the little form, with `changes` typed in."""
    values = form_values(client.get(record_url(record)), "quick-log-form")
    return client.post(record_page(record, "log"), {**values, **changes})


# -- the use case ------------------------------------------------------------------------------------------------------


def test_a_talk_about_a_lead_is_with_its_organization_and_contact(officer, tokyo_station):
    lead = LeadFactory(contact=PersonFactory(), station=tokyo_station)
    talk = log_talk(lead, by=officer, kind="call", subject="Asked", starts_at=NOON, station=tokyo_station)
    assert (talk.lead, list(talk.organizations.all()), list(talk.people.all())) == (
        lead, [lead.organization], [lead.contact],
    )  # fmt: skip
    assert list(talk.staff.all()) == [officer]


def test_a_talk_with_a_person_is_with_the_present_employer(officer, tokyo_station):
    past, present = AffiliationFactory(ends_on="2020-01-01"), AffiliationFactory()
    AffiliationFactory(person=past.person, organization=present.organization)
    talk = log_talk(past.person, by=officer, kind="call", subject="Asked", starts_at=NOON, station=tokyo_station)
    assert (list(talk.people.all()), list(talk.organizations.all())) == ([past.person], [present.organization])


def test_a_talk_is_one_change(officer, tokyo_station):
    organization = OrganizationFactory()
    talk = log_talk(organization, by=officer, kind="call", subject="Asked", starts_at=NOON, station=tokyo_station)
    assert Interaction.objects.get(pk=talk.pk).version == 1


def test_a_talk_that_breaks_a_rule_is_not_stored(officer, tokyo_station):
    with refused(subject="This field cannot be blank."):
        log_talk(OrganizationFactory(), by=officer, kind="call", subject="", starts_at=NOON, station=tokyo_station)
    assert not Interaction.objects.exists()


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [OrganizationFactory, PersonFactory, LeadFactory])
def test_it_is_on_the_timeline_at_once(make, officer, tokyo_station, logged_in):
    record, client = make(**({"station": tokyo_station} if make is LeadFactory else {})), logged_in(officer)
    response = send(client, record, kind="call", subject="Asked for a site visit", minutes="Next week.")
    assert response["Location"] == f"{record_url(record)}#timeline"
    talk = Interaction.objects.get()
    assert (talk.station, talk.created_by, talk.kind, talk.minutes) == (tokyo_station, officer, "call", "Next week.")
    entry = client.get(record_url(record), {"kind": "talks"}).context["timeline"].entries[0].entry
    assert (entry.title, entry.detail) == ("Asked for a site visit", "Next week.")


def test_it_is_audited_as_done_by_the_writer(officer, logged_in):
    send(logged_in(officer), OrganizationFactory(), subject="Asked")
    entries = LogEntry.objects.get_for_object(Interaction.objects.get())
    assert {entry.actor for entry in entries} == {officer}


def test_the_time_is_that_of_the_writer(officer, logged_in):
    officer.time_zone = "Asia/Tokyo"
    officer.save()
    send(logged_in(officer), OrganizationFactory(), subject="Asked", starts_at="2024-07-02T21:00")
    assert Interaction.objects.get().starts_at == NOON


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", ""), ("subject", "x" * 256), ("subject", "a\x00b"), ("kind", "nonsense"), ("starts_at", "noon"),
        ("starts_at", ""), ("starts_at", "0001-01-01T00:00"), ("minutes", "a\x00b"), ("station", "999999999"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(field, value, officer, logged_in):
    organization, client = OrganizationFactory(), logged_in(officer)
    typed = {"subject": "Asked about land", "minutes": "They need water."}
    response = send(client, organization, **{**typed, field: value})
    assert response.status_code == 200
    assert list(response.context["log_form"].errors) == [field]
    kept = {name: response.context["log_form"][name].value() for name in typed}
    assert kept == {name: value if name == field else text for name, text in typed.items()}
    assert not Interaction.objects.exists()


def test_a_station_of_others_is_no_choice(officer, osaka_station, logged_in):
    response = send(logged_in(officer), OrganizationFactory(), subject="Asked", station=osaka_station.pk)
    assert "station" in response.context["log_form"].errors
    assert "Select a valid choice" in response.content.decode()


def test_who_works_at_one_station_is_not_asked_for_it(officer, director, tokyo_station, logged_in):
    organization = OrganizationFactory()
    StationFactory()
    forms = [logged_in(user).get(record_url(organization)).context["log_form"] for user in (officer, director)]
    assert [form["station"].is_hidden for form in forms] == [True, False]


def test_a_lead_s_talk_is_filed_under_the_lead_s_station(director, tokyo_station, osaka_station, logged_in):
    form = logged_in(director).get(record_url(LeadFactory(station=osaka_station))).context["log_form"]
    assert form["station"].initial == osaka_station


def test_who_may_not_write_talks_is_offered_no_form(auditor, director, logged_in):
    organization, archived = OrganizationFactory(), OrganizationFactory()
    StationFactory()
    archived.archive("registered twice")
    for user, record in ((auditor, organization), (director, archived)):
        client = logged_in(user)
        assert "log_form" not in client.get(record_url(record)).context
        assert client.post(record_page(record, "log"), {"subject": "x"}).status_code == 403


def test_a_lead_of_another_station_is_not_found(stranger, tokyo_station, logged_in):
    lead, client = LeadFactory(station=tokyo_station), logged_in(stranger)
    answers = [client.post(f"/admin/crm/lead/{pk}/log/", {"subject": "x"}) for pk in (lead.pk, 999_999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
