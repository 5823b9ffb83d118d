import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from core import access
from core.request_context import acting
from events.models import Event, EventKind
from tests.factories import (
    DelegationFactory,
    EventFactory,
    EventKindFactory,
    EventPartnerFactory,
    OrganizationFactory,
    SessionFactory,
    StationFactory,
    UserFactory,
    VisitFactory,
)
from tests.rules import refusals

pytestmark = pytest.mark.django_db
DAY = datetime.date(2019, 7, 2)
ONE_DAY = datetime.timedelta(1)


class TestKinds:
    def test_an_agency_starts_with_eight_kinds_two_of_them_journeys(self):
        assert EventKind.objects.count() == 8
        journeys = EventKind.objects.filter(is_delegation=True).values_list("code", flat=True)
        assert set(journeys) == {"inbound_visit", "outbound_delegation"}

    def test_delegations_are_the_events_of_such_kinds(self):
        EventFactory()
        delegation = DelegationFactory()
        assert list(Event.objects.delegations()) == [delegation]

    def test_a_retired_kind_is_not_chosen_anew(self):
        event = EventFactory.build(kind=EventKindFactory(name_en="Telethon", retired_on=timezone.localdate()))
        assert refusals(event) == {"kind": ["“Telethon” is no longer in use. Choose another entry."]}

    def test_an_event_keeps_a_kind_that_retired_later(self):
        event = EventFactory(kind=EventKindFactory())
        event.kind.retired_on = DAY
        event.kind.save()
        assert refusals(event) == {}


class TestDates:
    def test_the_last_day_is_not_before_the_first(self):
        event = EventFactory()
        event.ends_on = event.starts_on - ONE_DAY
        assert refusals(event) == {"ends_on": ["The last day is before the first day."]}
        with pytest.raises(IntegrityError), transaction.atomic():
            event.save()

    def test_dates_and_time_zone_are_needed(self):
        assert set(refusals(Event(name="Conference"))) == {"kind", "starts_on", "ends_on", "time_zone"}

    @pytest.mark.parametrize(
        ("starts", "ends", "status", "upcoming"),
        [
            (0, 0, "planned", True),
            (5, 7, "confirmed", True),
            (-3, 0, "confirmed", True),
            (-3, -1, "planned", False),
            (-3, -1, "held", False),
            (5, 7, "cancelled", False),
        ],
    )
    def test_upcoming_events_have_not_ended_and_will_take_place(self, starts, ends, status, upcoming):
        EventFactory(starts_on=DAY + starts * ONE_DAY, ends_on=DAY + ends * ONE_DAY, status=status)
        assert Event.objects.upcoming(DAY).exists() is upcoming

    def test_archived_events_are_not_upcoming(self):
        EventFactory().archive("Entered twice")
        assert not Event.objects.upcoming(DAY).exists()

    def test_the_latest_comes_first(self):
        early, late = (EventFactory(starts_on=DAY + n * ONE_DAY, ends_on=DAY + n * ONE_DAY) for n in (0, 1))
        assert list(Event.objects.all()) == [late, early]


class TestAnnouncedFigures:
    @pytest.mark.parametrize(
        ("amount", "currency", "refusal"),
        [
            (10**9, "CNY", {}),
            (None, "", {}),
            (10**9, "", {"announced_currency": ["Give the currency of the amount."]}),
            (None, "CNY", {"announced_amount": ["Give the amount, or remove the currency."]}),
            (10**9, "RMB", {"announced_currency": ["Value 'RMB' is not a valid choice."]}),
        ],
    )
    def test_an_amount_and_its_currency_go_together(self, amount, currency, refusal):
        event = EventFactory()
        event.announced_amount, event.announced_currency = amount, currency
        assert refusals(event) == refusal

    def test_the_database_keeps_them_together_too(self):
        with pytest.raises(IntegrityError), transaction.atomic():
            EventFactory(announced_amount=1, announced_currency="")

    @pytest.mark.parametrize("field", ["announced_guests", "announced_contracts"])
    def test_counts_are_not_negative(self, field):
        event = EventFactory()
        setattr(event, field, -1)
        assert refusals(event) == {field: ["Ensure this value is greater than or equal to 0."]}


class TestNames:
    @pytest.mark.parametrize(
        ("language", "name"), [("en", "Investment conference"), ("zh-hans", "投资推介会"), ("ja", "投資誘致説明会")]
    )
    def test_readers_see_the_name_in_their_language(self, language, name):
        event = Event(
            name="投资推介会", name_en="Investment conference", name_ja="投資誘致説明会", name_zh="投资推介会"
        )
        with translation.override(language):
            assert str(event) == name

    @pytest.mark.parametrize("query", ["smart", "智能制造", "智能製造", "東京", "prince hotel", "E-{pk:06d}"])
    def test_is_found_by_name_theme_and_place(self, query):
        event = EventFactory(name="Smart conference", theme_zh="智能制造", city="东京", venue="Prince Hotel")
        EventFactory()
        assert list(Event.objects.search(query.format(pk=event.pk))) == [event]


class TestAccess:
    def test_events_belong_to_all_staff(self, officer, stranger, osaka_station):
        event = EventFactory(station=osaka_station)
        assert access.can(officer, "view", event)
        assert access.can(stranger, "view", event)

    def test_they_are_filed_at_the_own_station(self, osaka_station, tokyo_station):
        manager = UserFactory(role="Event manager", station=tokyo_station)
        event = EventFactory.build(kind=EventKind.objects.first(), station=osaka_station)
        with acting(manager):
            assert refusals(event) == {"station": ["You do not work at this station. Choose one of your own."]}

    def test_or_at_none(self, tokyo_station):
        with acting(UserFactory(role="Event manager", station=tokyo_station)):
            assert refusals(EventFactory.build(kind=EventKind.objects.first(), station=None)) == {}


class TestPartners:
    def test_a_partner_is_listed_once_per_role(self):
        partner = EventPartnerFactory(role="host")
        again = EventPartnerFactory.build(event=partner.event, organization=partner.organization, role="host")
        assert refusals(again) == {"__all__": ["This partner is already listed in this role."]}
        EventPartnerFactory(event=partner.event, organization=partner.organization, role="planner")

    def test_is_named_with_its_role(self):
        partner = EventPartnerFactory(organization=OrganizationFactory(name="JETRO"), role="co_host")
        assert str(partner) == "JETRO (Co-host)"

    def test_a_change_of_partners_is_a_change_of_the_event(self):
        event = EventFactory(station=StationFactory())
        EventPartnerFactory(event=event)
        assert Event.objects.get().version == 2


@pytest.mark.parametrize("part", ["session", "visit"])
def test_an_event_is_not_moved_away_from_what_happened_on_it(db, part):
    event = DelegationFactory(starts_on=datetime.date(2026, 1, 1), ends_on=datetime.date(2026, 1, 3))
    day = datetime.date(2026, 1, 3)
    SessionFactory(event=event, held_on=day) if part == "session" else VisitFactory(delegation=event, held_on=day)
    event.starts_on, event.ends_on = datetime.date(2026, 1, 1), datetime.date(2026, 1, 2)
    message = "Sessions or visits are recorded on days outside of these dates. Move them first."
    assert refusals(event) == {"ends_on": [message]}
    event.ends_on = day
    assert refusals(event) == {}
