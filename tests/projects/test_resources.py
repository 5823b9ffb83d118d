"""What the lists of contracts and batches say beyond the fields of their models."""

import pytest

from projects import resources
from tests.factories import BatchFactory, ContractFactory, LeadFactory, PartyFactory, PersonFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def rows(resource, user):
    return [row for _pk, row in resource.columns.records(resource.all(user), user)]


def test_a_batch_says_how_many_contracts_are_on_file(director):
    batch = BatchFactory(announced_count=8)
    ContractFactory.create_batch(3, batch=batch)
    (row,) = rows(resources.batches, director)
    assert (row["recorded_count"], row["announced_count"], row["progress"]) == (3, 8, "3 of 8 recorded")


@pytest.mark.parametrize("count", [1, 3])
def test_counting_takes_the_same_queries_for_any_number_of_batches(director, count, django_assert_num_queries):
    for _number in range(count):
        ContractFactory(batch=BatchFactory())
    list(resources.batches.all(director))  # reads the user's rights
    with django_assert_num_queries(3):
        rows(resources.batches, director)


def test_a_contract_lists_its_parties_with_those_who_signed(director):
    party = PartyFactory(role="association")
    signatory = PersonFactory(family_name="山田", given_name="太郎")
    party.signatories.add(signatory)
    (row,) = rows(resources.contracts, director)
    (listed,) = row["parties"]
    assert (listed["role"], listed["organization"], listed["person"]) == ("association", party.organization_id, None)
    assert (listed["signatories"], listed["signatories_display"]) == ([signatory.pk], ["山田太郎"])


def test_a_lead_out_of_sight_is_not_named_on_its_project(director, officer, tokyo_station):
    ProjectFactory(station=tokyo_station, lead=LeadFactory(title="Secret plan"))
    (seen,), (hidden,) = rows(resources.projects, director), rows(resources.projects, officer)
    assert seen["lead_display"] == "Secret plan"
    assert (hidden["lead"], hidden["lead_display"]) == (None, "")
