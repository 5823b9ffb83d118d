"""The database makes the same bytes of CSV as Python does, for every resource, whatever the records hold."""

import datetime
import zoneinfo

import pytest
from django.apps import apps
from django.db import transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import access, resources
from core.columns import Column
from core.export_cells import exportable
from core.export_lines import by_database, by_python, portions
from core.export_sql import NotInSql, Texts
from core.exports import HEADERS, Export, snapshot
from crm.models import Interaction, LiaisonStation, Sector
from tests.core.test_spreadsheet_text import NASTY
from tests.factories import LeadFactory, MembershipFactory, SectorFactory, StationFactory, UserFactory
from tests.hard_values import store_hard_records

pytestmark = pytest.mark.django_db
SLUGS = sorted(resources.everything())
# With summer time; with summer time until 1991; without.
PLACES = [("en", "America/New_York"), ("zh-hans", "Asia/Shanghai"), ("ja", "Asia/Tokyo")]
ZONES = [*(zone for _language, zone in PLACES), "Australia/Lord_Howe", "Asia/Kathmandu", "Europe/London", "UTC"]
MANY = settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


def both_ways(slug, user, headers, codes=None):
    """The file of all records, told to this reader, made in both ways."""
    resource = resources.get(slug)
    queryset = resource.ordered(resource.all(access.SYSTEM, "export"))
    export = Export(resource, queryset, user, resource.columns.chosen(codes), headers)
    with snapshot():
        return tuple(b"".join(data for data, _rows in way(export)).decode() for way in (by_database, by_python))


def officer_of_some():
    officer = UserFactory(role="Officer")
    for station in LiaisonStation.objects.all()[::2]:
        MembershipFactory(station=station, user=officer)
    return officer


@pytest.mark.parametrize("slug", SLUGS)
def test_hard_values_come_out_alike(slug):
    store_hard_records(slug)
    for user in (access.SYSTEM, officer_of_some(), UserFactory()):
        for language, zone in PLACES:
            for headers in HEADERS:
                with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
                    by_sql, expected = both_ways(slug, user, headers)
                assert by_sql.splitlines() == expected.splitlines(), (str(user), language, headers)
                assert by_sql == expected
    assert len(expected.splitlines()) >= 20


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("slug", SLUGS)
def test_every_column_has_a_form_in_sql(slug, headers):
    resource = resources.get(slug)
    texts = Texts(resource.model, access.SYSTEM, headers)
    for column in exportable(resource.columns.listed()):
        list(resource.model._base_manager.annotate(cell=texts.of(column)).values_list("cell"))


@pytest.mark.parametrize("model", apps.get_models(), ids=lambda model: model._meta.label)
def test_whoever_names_records_names_them_in_sql_too(model):
    for cls in model.__mro__:
        assert ("display_from" in vars(cls)) == ("display_in_sql" in vars(cls)), cls


# Not one of our validators lets a NUL pass, nor does PostgreSQL.
TEXT = NASTY.map(lambda text: text.replace("\x00", "")) | st.text(
    st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20
)


@MANY
@given(texts=st.lists(TEXT, max_size=30))
def test_texts_are_made_inert_alike(texts):
    with transaction.atomic():
        Sector.objects.all().delete()
        Sector.objects.bulk_create(Sector(code=str(number), name_en=text) for number, text in enumerate(texts))
        by_sql, expected = both_ways("sectors", access.SYSTEM, "codes", ["id", "name_en"])
        transaction.set_rollback(True)
    assert by_sql == expected


MOMENT = st.datetimes(datetime.datetime(1890, 1, 1), datetime.datetime(2200, 1, 1), timezones=st.just(datetime.UTC))  # noqa: DTZ001


@MANY
@pytest.mark.parametrize("headers", HEADERS)
@given(moments=st.lists(MOMENT, max_size=30), zone=st.sampled_from(ZONES))
def test_moments_are_written_alike(headers, moments, zone):
    with transaction.atomic():
        station = StationFactory()
        Interaction.objects.bulk_create(Interaction(station=station, starts_at=moment) for moment in moments)
        with timezone.override(zoneinfo.ZoneInfo(zone)):
            by_sql, expected = both_ways("interactions", access.SYSTEM, headers, ["id", "starts_at"])
        transaction.set_rollback(True)
    assert by_sql == expected


def of_sectors(queryset, *more):
    resource = resources.get("sectors")
    return Export(resource, queryset, access.SYSTEM, [*resource.columns.listed(), *more])


def same_in_python(export):
    return list(portions(export)) == list(by_python(export))


def test_what_has_no_form_in_sql_is_made_in_python():
    SectorFactory(name_en="Steel")
    export = of_sectors(Sector.objects.all(), Column("loud", "Loud", "text", ("name_en",), str.upper))
    with pytest.raises(NotInSql):
        by_database(export)
    ((data, rows),) = portions(export)
    assert b'"STEEL"' in data
    assert rows == Sector.objects.count()


def test_records_that_a_query_joins_several_times_come_once():
    LeadFactory.create_batch(2, sector=SectorFactory())
    export = of_sectors(Sector.objects.filter(leads__isnull=False).distinct().order_by("-pk"))
    ((_data, rows),) = by_database(export)
    assert rows == 1
    assert same_in_python(export)


def test_a_slice_of_a_list_stays_one():
    SectorFactory.create_batch(3)
    export = of_sectors(Sector.objects.order_by("pk")[:2])
    assert sum(rows for _data, rows in portions(export)) == 2
    assert same_in_python(export)


def test_a_list_that_nothing_can_match_is_empty():
    assert not list(by_database(of_sectors(Sector.objects.none())))
