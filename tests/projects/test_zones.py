from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from core import access
from projects.models import Zone
from tests.factories import OrganizationFactory, ZoneFactory
from tests.rules import refusals

pytestmark = pytest.mark.django_db
CYCLE = {"parent": ["A zone cannot be part of itself."]}


@pytest.mark.parametrize("area", ["0.001", "489", "9999999.999"])
def test_area_in_square_kilometres(area):
    assert refusals(ZoneFactory(area_km2=Decimal(area))) == {}


@pytest.mark.parametrize("area", ["0", "-1", "10000000", "0.0001"])
def test_an_area_that_cannot_be_is_refused(area):
    assert list(refusals(ZoneFactory.build(area_km2=Decimal(area)))) == ["area_km2"]


def test_the_database_keeps_areas_positive_too():
    with pytest.raises(IntegrityError), transaction.atomic():
        ZoneFactory(area_km2=0)


def test_a_zone_is_not_part_of_itself():
    zone = ZoneFactory()
    zone.parent = zone
    assert refusals(zone) == CYCLE


def test_nor_of_its_own_part():
    zone = ZoneFactory()
    zone.parent = ZoneFactory(parent=ZoneFactory(parent=zone))
    assert refusals(zone) == CYCLE


def test_at_least_one_name_is_needed():
    assert refusals(Zone()) == {"name": ["Give at least one name."]}


@pytest.mark.parametrize(
    ("language", "name"), [("en", "Innovation Zone"), ("zh-hans", "协同创新区"), ("ja", "協同創新区")]
)
def test_readers_see_the_name_in_their_language(language, name):
    zone = ZoneFactory(name="协同创新区", name_en="Innovation Zone", name_zh="协同创新区", name_ja="協同創新区")
    with translation.override(language):
        assert str(zone) == name


@pytest.mark.parametrize("query", ["china-japan", "sino-japanese", "協同創新區", "xiangcheng"])
def test_is_found_by_every_spelling_in_the_documents(query):
    zone = ZoneFactory(
        name="中日智能制造协同创新区",
        name_en="China-Japan Smart Manufacturing Zone",
        other_names="Sino-Japanese Smart Manufacturing Zone\nXiangcheng zone",
    )
    ZoneFactory()
    assert list(Zone.objects.search(query)) == [zone]


def test_zones_belong_to_all_staff(officer, stranger):
    zone = ZoneFactory(planner=OrganizationFactory())
    assert access.can(officer, "view", zone)
    assert access.can(stranger, "view", zone)
    assert not access.can(officer, "change", zone)
