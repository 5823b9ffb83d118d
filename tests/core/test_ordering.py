"""Total orders and the conditions that continue them."""

import datetime
import itertools

import pytest
from django.db import connection
from django.db.models import F

from core.ordering import after, backwards, expressions, keys, zones
from crm.models import Lead
from tests.factories import LeadFactory, OrganizationFactory, StationFactory, UserFactory

ORDERS = [
    ("title",),
    ("-title",),
    ("next_step_on",),
    ("-next_step_on",),
    ("interest_amount", "-next_step_on"),
    ("-likelihood", "title"),
    ("station", "-title"),
    ("-contact__family_name",),
    ("organization__name", "next_step_on", "-id"),
]


@pytest.fixture
def leads(db):
    """Twenty leads with many equal and many empty values."""
    owner, stations = UserFactory(), [StationFactory(), StationFactory()]
    organizations = [OrganizationFactory(name=name) for name in ("b", "a")]
    days = [None, datetime.date(2026, 1, 1), datetime.date(2026, 2, 1)]
    for number in range(20):
        amount = [None, 10, 9][number % 3]
        LeadFactory(
            title="xyz"[number % 3],
            station=stations[number % 2],
            organization=organizations[number % 2],
            owner=owner,
            next_step_on=days[(number * 7) % 3],
            interest_amount=amount,
            interest_currency="JPY" if amount else "",
            likelihood=[None, 50][number % 2],
        )
    return Lead.objects.all()


def read(queryset, stretches):
    """The records of some zones, one after the other."""
    return [
        record for zone in stretches for record in queryset.filter(zone.condition).order_by(*expressions(zone.order))
    ]


def position(order, lead):
    return Lead.objects.filter(pk=lead.pk).values_list(*(key.path for key in order)).get()


@pytest.mark.parametrize("names", ORDERS)
def test_after_each_record_come_those_behind_it(leads, names):
    order = keys(Lead, names)
    listed = list(leads.order_by(*expressions(order)))
    for index, lead in enumerate(listed):
        behind = leads.filter(after(order, position(order, lead)))
        assert list(behind.order_by(*expressions(order))) == listed[index + 1 :]


@pytest.mark.parametrize("names", ORDERS)
def test_backwards_come_those_before_it(leads, names):
    order = keys(Lead, names)
    back = backwards(order)
    listed = list(leads.order_by(*expressions(order)))
    assert list(leads.order_by(*expressions(back))) == listed[::-1]
    for index, lead in enumerate(listed):
        before = leads.filter(after(back, position(order, lead)))
        assert list(before.order_by(*expressions(back))) == listed[:index][::-1]


@pytest.mark.parametrize("names", ORDERS)
def test_zones_are_the_list_in_stretches(leads, names):
    order = keys(Lead, names)
    back = backwards(order)
    listed = list(leads.order_by(*expressions(order)))
    assert read(leads, zones(order)) == listed
    for index, lead in enumerate(listed):
        assert read(leads, zones(order, position(order, lead))) == listed[index + 1 :]
        assert read(leads, zones(back, position(order, lead))) == listed[:index][::-1]


@pytest.mark.parametrize("names", [("next_step_on",), ("-next_step_on",)])
def test_empty_values_come_last_in_both_directions(leads, names):
    values = [lead.next_step_on for lead in leads.order_by(*expressions(keys(Lead, names)))]
    filled = list(itertools.takewhile(lambda value: value is not None, values))
    assert len(filled) == 13
    assert filled == sorted(filled, reverse=names[0].startswith("-"))


def test_the_primary_key_ends_every_order_and_no_field_comes_twice():
    assert [key.path for key in keys(Lead, ("title", "-title"))] == ["title", "id"]
    assert [key.path for key in keys(Lead, ("-id", "title"))] == ["id", "title"]
    assert [key.path for key in keys(Lead, ("pk",))] == ["id"]


def test_a_relation_is_ordered_by_its_id_and_may_be_empty_anywhere_on_the_way():
    assert [(key.path, key.nullable) for key in keys(Lead, ("station", "contact", "contact__family_name"))] == [
        ("station_id", False),
        ("contact_id", True),
        ("contact__family_name", True),
        ("id", False),
    ]


def test_fields_that_are_never_empty_keep_the_form_that_an_index_serves():
    order = keys(Lead, ("-created_at",))
    assert expressions(order) == ["-created_at", "-id"]
    moment = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    sql = str(Lead.objects.filter(after(order, (moment, 7))).values("pk").query)
    where = sql.partition("WHERE ")[2].partition(" ORDER BY")[0].replace('"crm_lead".', "").replace('"', "")
    assert where == (
        "(created_at <= 2026-01-01 00:00:00+00:00 AND NOT (created_at = 2026-01-01 00:00:00+00:00 AND id >= 7))"
    ).replace("+00:00", "+00:00" if connection.vendor == "postgresql" else "")


def test_fields_that_may_be_empty_say_where_these_go():
    assert expressions(keys(Lead, ("-next_step_on",))) == [F("next_step_on").desc(nulls_last=True), "-id"]


POSITIONS = {
    "-created_at": (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), 7),
    "next_step_on": (datetime.date(2026, 1, 1), 7),
    "-next_step_on": (datetime.date(2026, 1, 1), 7),
}
ENTERED = {
    ("sqlite", "-created_at"): "(created_at<?)",
    ("sqlite", "next_step_on"): "lead_next_step (next_step_on>?)",
    ("sqlite", "-next_step_on"): "lead_next_step (next_step_on<?)",
    ("postgresql", "-created_at"): "Index Cond: (created_at <=",
    ("postgresql", "next_step_on"): "Index Cond: (next_step_on >=",
    ("postgresql", "-next_step_on"): "Index Cond: (next_step_on <=",
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", POSITIONS)
def test_the_index_is_entered_at_the_position(name):
    zone = zones(keys(Lead, (name,)), POSITIONS[name])[0]
    page = Lead.objects.active().filter(zone.condition).order_by(*expressions(zone.order)).values("pk")[:100]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    plan = page.explain()
    assert ENTERED[connection.vendor, name] in plan
    # Equal values may have to be put in order among themselves, but never the whole list.
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    assert "  Sort" not in plan.replace("Sort Key", "")
