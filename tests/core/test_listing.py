"""However a list is read, the records are those of the queryset in its order."""

import itertools
import random

import pytest

from core import access, ordering
from core.listing import Listing, shortlist, where_few
from crm.models import Lead
from tests.factories import LeadFactory, OrganizationFactory, StationFactory, UserFactory

pytestmark = pytest.mark.django_db
WORDS = ("pump", "robot", "日本", "クリーン")


@pytest.fixture
def officer():
    return UserFactory(role="Officer", station=StationFactory())


@pytest.fixture
def leads(officer):
    some = random.Random(7)
    stations = [officer.station_memberships.get().station, StationFactory()]
    companies = [OrganizationFactory(country=country) for country in ("JP", "CN")]
    for number in range(60):
        lead = LeadFactory(
            title=f"{some.choice(WORDS)} works {number % 7}", station=some.choice(stations),
            organization=some.choice(companies), owner=some.choice([officer, None]) or UserFactory(),
            next_step_on=some.choice([None, f"2026-01-{some.randrange(1, 29):02d}"]),
        )  # fmt: skip
        if some.random() < 0.2:
            lead.collaborators.add(officer)
        if some.random() < 0.1:
            lead.archive("entered twice")


ASKED = {
    "all": lambda rows: rows,
    "by stage": lambda rows: rows.filter(stage="new"),
    "by country": lambda rows: rows.filter(organization__country="JP"),
    "found": lambda rows: rows.search("robot"),
    "found and by country": lambda rows: rows.search("日本").filter(organization__country="JP"),
    "not found": lambda rows: rows.search("qqqqqq"),
}
ORDERS = ("-pk", "-created_at", "title", "next_step_on", "-next_step_on", "organization__name")


def expected(rows, order):
    return list(rows.order_by(*ordering.expressions(ordering.keys(Lead, [order]))).values_list("pk", flat=True))


@pytest.mark.parametrize(("most", "rare"), [(10_000, 10_000), (3, 10_000), (3, 2), (10_000, 0)])
@pytest.mark.parametrize("role", ["officer", "director"])
def test_every_page_is_that_of_the_queryset(officer, director, leads, role, most, rare):
    scoped = access.scoped({"officer": officer, "director": director}[role], Lead).active()
    for (name, ask), order in itertools.product(ASKED.items(), ORDERS):
        rows = ask(scoped)
        all_pks, pages = expected(rows, order), []
        listing = Listing(rows, ordering.keys(Lead, [order]), most, rare)
        for start in range(0, len(all_pks) + 1, 7):
            pages += listing.pks(start, 7)
        assert pages == all_pks, (name, order)
        assert listing.count == min(len(all_pks), most + 1), (name, order)


@pytest.mark.parametrize("most", [10_000, 3])
def test_a_shortlist_has_the_first_and_how_many_there_are(officer, leads, most):
    rows = access.scoped(officer, Lead).active().filter(next_step_on__isnull=False).order_by("next_step_on", "pk")
    shown, count = shortlist(rows, 8, most)
    assert shown == list(rows[:8])
    assert count == min(rows.count(), most + 1)
    assert rows.count() > 8


def test_a_short_shortlist_is_counted_by_its_rows(officer, leads):
    rows = access.scoped(officer, Lead).active().filter(title="robot works 3").order_by("next_step_on", "pk")
    rows = rows.filter(next_step_on__isnull=False)
    assert shortlist(rows, 8, 3) == (list(rows), rows.count())


@pytest.mark.parametrize("few", [0, 1, 5])
def test_a_narrow_condition_answers_the_same_however_many_meet_it(few, monkeypatch, tokyo_station):
    monkeypatch.setattr("core.listing.FEW", few)
    organization = OrganizationFactory()
    leads = [LeadFactory(organization=organization, station=tokyo_station) for _n in range(2)]
    LeadFactory(organization=organization)
    LeadFactory(station=tokyo_station)
    found = where_few(Lead.objects.filter(station=tokyo_station), organization=organization.pk)
    assert set(found) == set(leads)
