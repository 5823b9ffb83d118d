"""Every rule that the database keeps: a message for people, told by `full_clean`, and no way around."""

import datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import BaseConstraint

from core.audit import OWN_APPS
from core.idempotency import KeptAnswer
from tests import factories
from tests.filled import MAKE
from tests.rules import refusals

DAY, DAY_BEFORE = datetime.date(2024, 7, 2), datetime.date(2024, 7, 1)
TEN, NINE = datetime.time(10), datetime.time(9)


def changed(factory, **values):
    """A stored record with these values, not yet stored."""
    record = factory()
    for name, value in values.items():
        setattr(record, name, value() if callable(value) else value)
    return record


def like_another(factory, *names):
    """A stored record with the values of another in these fields."""
    other = factory()
    return changed(factory, **{name: getattr(other, name) for name in names})


def second(factory, **values):
    factory(**values)
    return changed(factory, **values)


def contract_with_a_number_twice():
    station = factories.StationFactory()
    factories.ContractFactory(station=station, number="2019-001")
    return changed(factories.ContractFactory, station=station, number="2019-001")


BACKWARDS = {"starts_on": DAY, "ends_on": DAY_BEFORE}


VIOLATIONS = {
    "affiliation_ends_after_start": lambda: changed(factories.AffiliationFactory, **BACKWARDS),
    "alias_once_per_organization": lambda: like_another(factories.AliasFactory, "organization", "name", "kind"),
    "contact_point_once_per_person": lambda: like_another(factories.ContactPointFactory, "person", "kind", "value"),
    "contract_amount_has_currency": lambda: changed(factories.ContractFactory, contracted_amount=1),
    "contract_number_once_per_station": contract_with_a_number_twice,
    "contract_party_is_one": lambda: changed(factories.PartyFactory, person=factories.PersonFactory),
    "event_amount_has_currency": lambda: changed(factories.EventFactory, announced_currency="CNY"),
    "event_ends_after_start": lambda: changed(factories.EventFactory, **BACKWARDS),
    "event_partner_once_per_role": lambda: like_another(factories.EventPartnerFactory, "event", "organization", "role"),
    "guest_once_per_event": lambda: like_another(factories.GuestFactory, "event", "person"),
    "import_mapping_once": lambda: like_another(factories.ImportMappingFactory, "user", "kind", "headings"),
    "investor_once_per_project": lambda: like_another(factories.InvestorFactory, "project", "organization"),
    "investor_share_percent": lambda: changed(factories.InvestorFactory, share_percent=101),
    "kept_answer_once": lambda: like_another(MAKE[KeptAnswer], "user", "key"),
    "lead_amount_has_currency": lambda: changed(factories.LeadFactory, interest_amount=1),
    "lead_likelihood_percent": lambda: changed(factories.LeadFactory, likelihood=101),
    "membership_ends_after_start": lambda: changed(factories.MembershipFactory, **BACKWARDS),
    "organization_corporate_number_once": lambda: second(
        factories.OrganizationFactory, corporate_number="7010401022916"
    ),
    "organization_credit_code_once": lambda: second(factories.OrganizationFactory, credit_code="91110000600037341L"),
    "organization_merged_is_archived": lambda: changed(
        factories.OrganizationFactory, merged_into=factories.OrganizationFactory
    ),
    "person_merged_is_archived": lambda: changed(factories.PersonFactory, merged_into=factories.PersonFactory),
    "saved_view_name_once": lambda: like_another(factories.SavedViewFactory, "user", "list", "name"),
    "session_ends_after_start": lambda: changed(factories.SessionFactory, starts_at=TEN, ends_at=NINE),
    "session_only_unveiling_unveils": lambda: changed(factories.SessionFactory, unveils=factories.StationFactory),
    "speaker_once_per_session": lambda: like_another(factories.SpeakerFactory, "session", "person"),
    "station_closes_after_opening": lambda: changed(factories.StationFactory, opened_on=DAY, closed_on=DAY_BEFORE),
    "zone_area_positive": lambda: changed(factories.ZoneFactory, area_km2=0),
}


def constraints():
    models = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models()]
    return {constraint.name: constraint for model in models for constraint in model._meta.constraints}


def test_every_constraint_is_violated_here():
    assert set(constraints()) == set(VIOLATIONS)


@pytest.mark.parametrize("name", sorted(VIOLATIONS))
def test_has_a_message_for_people(name):
    assert constraints()[name].violation_error_message != BaseConstraint.default_violation_error_message


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(VIOLATIONS))
def test_is_told_by_full_clean_and_kept_by_the_database(name):
    record = VIOLATIONS[name]()
    assert refusals(record)
    with pytest.raises(IntegrityError), transaction.atomic():
        record.save()
