"""The summary above a form: every message, with links to the fields that it is about."""

import re

import pytest
from django.core.exceptions import ValidationError

from core.admin.form_errors import fields_of
from core.admin.links import add_url, change_url
from crm.models import ContactPoint, Lead
from events.models import Guest
from projects.models import Contract, ContractParty
from tests.factories import ContactPointFactory, ContractFactory, GuestFactory, LeadFactory
from tests.pages import record_form

pytestmark = pytest.mark.django_db


def summary(response):
    """[(place, labels of the links, message)]"""
    return [(p.place, [link.label for link in p.links], p.message) for p in response.context["problems"]]


def targets_exist(response):
    page = response.content.decode()
    targets = [link.target for problem in response.context["problems"] for link in problem.links]
    return targets and all(re.search(f'id="{target}"', page) for target in targets)


def test_each_wrong_field_is_named_and_linked(director, logged_in):
    client, url = logged_in(director), change_url(LeadFactory())
    response = client.post(url, record_form(client, url, title="", likelihood="101"))
    labels = [labels for _place, labels, _message in summary(response)]
    assert labels == [["Title"], ["Likelihood (%)"]]
    assert targets_exist(response)


def test_a_rule_about_several_fields_leads_to_each_of_them(director, logged_in):
    taken, client = GuestFactory(), logged_in(director)
    url = change_url(GuestFactory())
    response = client.post(url, record_form(client, url, event=taken.event_id, person=taken.person_id))
    assert summary(response) == [
        ("", ["Event", "Person"], "This person is already on the guest list of the event."),
    ]
    assert targets_exist(response)


def test_a_rule_of_a_row_names_the_row(director, logged_in):
    point = ContactPointFactory(kind="email", value="a@example.com")
    client, url = logged_in(director), change_url(point.person)
    rows = {"contact_points-TOTAL_FORMS": "2", "contact_points-1-kind": "email", "contact_points-1-value": "no address"}
    response = client.post(url, record_form(client, url, **rows))
    assert [(place, labels) for place, labels, _message in summary(response)] == [
        ("Contact point 2", ["Address or number"])
    ]
    assert targets_exist(response)


def test_a_time_in_two_halves_is_linked_at_its_first(director, logged_in):
    response = logged_in(director).post(add_url(Lead).replace("lead", "interaction"), {"subject": "x", "kind": "call"})
    links = {link.label: link.target for problem in response.context["problems"] for link in problem.links}
    assert links["Time"] == "id_starts_at_0"


def test_a_form_without_mistakes_has_no_summary(director, logged_in):
    response = logged_in(director).get(change_url(ContractFactory()))
    assert "problems" not in response.context
    assert "form-errors" not in response.content.decode()


@pytest.mark.parametrize(
    ("model", "message", "fields"),
    [
        (Guest, "This person is already on the guest list of the event.", ["event", "person"]),
        (ContactPoint, "This contact point is already listed.", ["person", "kind", "value"]),
        (Contract, "Another contract of this station already has this number.", ["station", "number"]),
        (Contract, "An amount needs its currency.", ["contracted_amount", "contracted_currency"]),
        (ContractParty, "A party is either an organization or a person.", ["organization", "person"]),
        (Lead, "Something else.", []),
    ],
)
def test_the_fields_of_a_rule_are_those_of_its_constraint(model, message, fields):
    assert fields_of(model, ValidationError(message)) == fields
