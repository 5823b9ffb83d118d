import datetime

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import access
from core.request_context import acting
from crm.models import Interaction, Lead, LiaisonStation
from tests.factories import (
    EventFactory,
    InteractionFactory,
    LeadFactory,
    MembershipFactory,
    OrganizationFactory,
    StationFactory,
    UserFactory,
)
from tests.rules import refusals

pytestmark = pytest.mark.django_db
DAY = datetime.date(2024, 4, 1)
FOREIGN = {"station": ["You do not work at this station. Choose one of your own."]}


def in_days(days):
    return None if days is None else timezone.localdate() + datetime.timedelta(days)


class TestStation:
    def test_closes_after_it_opens(self):
        station = StationFactory.build(opened_on=DAY, closed_on=DAY - datetime.timedelta(1))
        assert refusals(station) == {"closed_on": ["The station closes before it opens."]}

    def test_may_close_on_the_day_it_opens(self):
        assert refusals(StationFactory(opened_on=DAY, closed_on=DAY)) == {}

    def test_time_zone_is_one_that_exists(self):
        assert refusals(StationFactory.build(time_zone="Asia/Suzhou")) == {
            "time_zone": ["Value 'Asia/Suzhou' is not a valid choice."]
        }

    @pytest.mark.parametrize("query", ["东京", "東京", "tokyo"])
    def test_is_found_by_each_of_its_names(self, query):
        station = StationFactory(name="東京誘致事務所", name_en="Tokyo liaison station", name_zh="东京招商联络站")
        StationFactory(name="大阪誘致事務所")
        assert list(LiaisonStation.objects.search(query)) == [station]


class TestMembership:
    def test_ends_after_it_starts(self):
        membership = MembershipFactory.build(
            station=StationFactory(), user=UserFactory(), starts_on=DAY, ends_on=DAY - datetime.timedelta(1)
        )
        assert refusals(membership) == {"ends_on": ["The membership ends before it starts."]}
        with pytest.raises(IntegrityError), transaction.atomic():
            membership.save()

    @pytest.mark.parametrize(
        ("starts", "ends", "works_there"),
        [
            (None, None, True),
            (0, 0, True),
            (-10, None, True),
            (None, 10, True),
            (None, 0, True),
            (None, -1, False),
            (1, None, False),
            (-10, -1, False),
            (1, 10, False),
        ],
    )
    def test_a_user_works_at_a_station_while_the_membership_lasts(self, starts, ends, works_there):
        membership = MembershipFactory(starts_on=in_days(starts), ends_on=in_days(ends))
        assert LiaisonStation.objects.of(membership.user).exists() is works_there

    def test_a_station_is_listed_once_however_often_somebody_was_there(self):
        station, user = StationFactory(), UserFactory()
        MembershipFactory(station=station, user=user, ends_on=in_days(10))
        MembershipFactory(station=station, user=user, starts_on=in_days(-3))
        StationFactory()
        assert list(LiaisonStation.objects.of(user)) == [station]


class TestScope:
    """Who sees the leads of the Tokyo station."""

    def test_members_see_them(self, officer, tokyo_station):
        lead = LeadFactory(station=tokyo_station)
        assert list(access.scoped(officer, Lead)) == [lead]

    def test_strangers_do_not(self, stranger, tokyo_station):
        LeadFactory(station=tokyo_station)
        assert not access.scoped(stranger, Lead).exists()

    def test_the_owner_does_wherever_he_works(self, stranger, tokyo_station):
        lead = LeadFactory(station=tokyo_station, owner=stranger)
        assert access.can(stranger, "change", lead)

    def test_collaborators_do(self, stranger, tokyo_station):
        lead = LeadFactory(station=tokyo_station)
        lead.collaborators.add(stranger, UserFactory())
        assert list(access.scoped(stranger, Lead, "change")) == [lead]

    def test_a_record_appears_once_however_many_reasons_there_are(self, officer, tokyo_station):
        lead = LeadFactory(station=tokyo_station, owner=officer)
        lead.collaborators.add(officer, UserFactory())
        assert access.scoped(officer, Lead).count() == 1

    def test_people_of_all_stations_do(self, director, auditor, tokyo_station, osaka_station):
        leads = {LeadFactory(station=tokyo_station), LeadFactory(station=osaka_station)}
        assert set(access.scoped(director, Lead)) == set(access.scoped(auditor, Lead)) == leads

    def test_those_who_left_do_not(self, tokyo_station):
        former = UserFactory(role="Officer")
        MembershipFactory(station=tokyo_station, user=former, ends_on=in_days(-1))
        lead = LeadFactory(station=tokyo_station)
        assert not access.can(former, "view", lead)

    def test_the_right_comes_first(self, nobody, tokyo_station):
        MembershipFactory(station=tokyo_station, user=nobody)
        LeadFactory(station=tokyo_station, owner=nobody)
        assert not access.scoped(nobody, Lead).exists()

    def test_people_on_our_side_of_a_talk_see_it(self, stranger, tokyo_station):
        talk, _other = InteractionFactory.create_batch(2, station=tokyo_station)
        talk.staff.add(stranger)
        assert list(access.scoped(stranger, Interaction)) == [talk]

    def test_organizations_belong_to_all_staff(self, officer, stranger):
        organization = OrganizationFactory()
        assert access.can(officer, "change", organization)
        assert access.can(stranger, "change", organization)


class TestOwnStation:
    def lead(self, station):
        return LeadFactory.build(station=station, owner=UserFactory(), organization=OrganizationFactory())

    def test_staff_file_records_at_their_own_station(self, officer, tokyo_station):
        with acting(officer):
            assert refusals(self.lead(tokyo_station)) == {}

    def test_not_at_another(self, officer, osaka_station):
        with acting(officer):
            assert refusals(self.lead(osaka_station)) == FOREIGN

    def test_not_where_they_no_longer_work(self, tokyo_station):
        former = UserFactory(role="Officer")
        MembershipFactory(station=tokyo_station, user=former, ends_on=in_days(-1))
        with acting(former):
            assert refusals(self.lead(tokyo_station)) == FOREIGN

    def test_people_of_all_stations_do_anywhere(self, director, osaka_station):
        with acting(director):
            assert refusals(self.lead(osaka_station)) == {}

    def test_all_stations_may_be_given_to_one_person(self, officer, osaka_station):
        officer.user_permissions.add(Permission.objects.get(codename="all_stations"))
        with acting(officer):
            assert refusals(self.lead(osaka_station)) == {}

    def test_commands_do_anywhere(self, osaka_station):
        assert refusals(self.lead(osaka_station)) == {}

    def test_a_record_stays_where_it_is(self, officer, osaka_station):
        lead = LeadFactory(station=osaka_station, owner=officer)
        with acting(officer):
            assert refusals(lead) == {}

    def test_a_record_does_not_move_to_another_station(self, officer, tokyo_station, osaka_station):
        lead = LeadFactory(station=tokyo_station)
        lead.station = osaka_station
        with acting(officer):
            assert refusals(lead) == FOREIGN


class TestInCharge:
    """Who decides where a record of the Tokyo station belongs, and who may name those who see it."""

    STAYS = {"station": ["Only its owner and the people of its station move this record to another one."]}
    NOT_YOURS = {"owner": ["Only its owner and the people of its station hand this record over."]}

    @pytest.fixture
    def lead(self, tokyo_station, stranger):
        """The officer of Osaka works along."""
        lead = LeadFactory(station=tokyo_station)
        lead.collaborators.add(stranger)
        return lead

    def refused(self, user, record, **changes):
        for name, value in changes.items():
            setattr(record, name, value)
        with acting(user):
            return refusals(record)

    def test_who_works_along_takes_nothing_to_another_station(self, lead, stranger, osaka_station):
        assert self.refused(stranger, lead, station=osaka_station) == self.STAYS

    def test_whom_it_was_handed_over_to_takes_it_to_a_station_of_his_own(self, lead, stranger, osaka_station):
        Lead.objects.filter(pk=lead.pk).update(owner=stranger)
        lead.refresh_from_db()
        assert self.refused(stranger, lead, station=osaka_station) == {}
        assert self.refused(stranger, lead, station=StationFactory()) == FOREIGN

    def test_who_works_at_both_stations_moves_it(self, lead, officer, osaka_station):
        MembershipFactory(station=osaka_station, user=officer)
        assert self.refused(officer, lead, station=osaka_station) == {}

    def test_who_works_along_hands_nothing_over(self, lead, stranger):
        assert self.refused(stranger, lead, owner=stranger) == self.NOT_YOURS

    @pytest.mark.parametrize("who", ["officer", "director"])
    def test_the_station_and_the_director_hand_over(self, who, lead, stranger, request):
        assert self.refused(request.getfixturevalue(who), lead, owner=stranger) == {}

    def test_the_owner_hands_over(self, lead, stranger):
        Lead.objects.filter(pk=lead.pk).update(owner=stranger)
        lead.refresh_from_db()
        assert self.refused(stranger, lead, owner=UserFactory()) == {}

    def test_who_works_along_may_change_the_rest(self, lead, stranger):
        assert self.refused(stranger, lead, next_step="call", likelihood=50) == {}

    @pytest.mark.parametrize(("who", "allowed"), [("stranger", False), ("officer", True), ("director", True)])
    @pytest.mark.parametrize("chosen", ["nobody else", "one more"])
    def test_who_works_on_it_is_chosen_by_the_station(self, who, allowed, chosen, lead, stranger, request):
        people = [stranger, UserFactory()] if chosen == "one more" else []
        with acting(request.getfixturevalue(who)):
            if allowed:
                lead.clean_links("collaborators", people)
            else:
                with pytest.raises(ValidationError) as refused:
                    lead.clean_links("collaborators", people)
                assert refused.value.error_dict["collaborators"][0].code == "not_in_charge"

    def test_naming_the_same_people_again_is_no_change(self, lead, stranger):
        with acting(stranger):
            lead.clean_links("collaborators", [stranger])

    def test_an_event_is_seen_by_all_so_nobody_loses_it(self, officer, tokyo_station, osaka_station):
        event = EventFactory(station=osaka_station, owner=UserFactory())
        assert self.refused(officer, event, station=tokyo_station, owner=officer) == {}
