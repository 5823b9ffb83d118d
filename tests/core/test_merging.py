"""Two records become one: whose values win, what moves, what is left of the other."""

import pytest

from core.access import SYSTEM
from core.merge_moves import relations_of
from core.merging import merge
from core.unmerging import unmerge
from crm.models import Organization, Person
from tests.factories import OrganizationFactory, PersonFactory
from tests.filled import surround

pytestmark = pytest.mark.django_db


def test_smoke():
    kept, other = surround(OrganizationFactory(name="甲")), surround(OrganizationFactory(name="乙", city="Osaka"))
    before = {r.name: list(r.rows(other.pk).values_list("pk", flat=True)) for r in relations_of(Organization)}
    m = merge(SYSTEM, Organization, kept.pk, other.pk)
    kept = Organization.objects.get(pk=kept.pk)
    assert kept.city == "Osaka"
    unmerge(SYSTEM, m)
    after = {r.name: list(r.rows(other.pk).values_list("pk", flat=True)) for r in relations_of(Organization)}
    assert before == after
    kept, other = surround(PersonFactory()), surround(PersonFactory())
    m = merge(SYSTEM, Person, kept.pk, other.pk)
    unmerge(SYSTEM, m)
