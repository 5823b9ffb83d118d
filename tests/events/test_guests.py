import pytest

from core import access
from events.models import Guest
from tests.factories import AffiliationFactory, EventFactory, GuestFactory, OrganizationFactory, PersonFactory
from tests.rules import refusals

pytestmark = pytest.mark.django_db


def test_a_person_is_on_the_list_once():
    guest = GuestFactory()
    again = GuestFactory.build(event=guest.event, person=guest.person)
    assert refusals(again) == {"__all__": ["This person is already on the guest list of the event."]}
    GuestFactory(person=guest.person)


def test_keeps_the_post_of_that_day():
    post = AffiliationFactory(position="部長")
    guest = GuestFactory(person=post.person, organization=post.organization, position_held="部長")
    post.organization, post.position = OrganizationFactory(), "顧問"
    post.save()
    guest.refresh_from_db()
    assert (guest.organization_id != post.organization_id, guest.position_held) == (True, "部長")


def test_is_named_after_the_person():
    person = PersonFactory(family_name="棚崎", given_name="", family_latin="Tanazaki", given_latin="Jiabang")
    guest = GuestFactory(person=person)
    assert str(guest) == "Tanazaki Jiabang"
    assert Guest.display_from(*Guest.objects.values_list(*Guest.display_paths).get()) == "Tanazaki Jiabang"


def test_protocol_orders_the_list_and_the_unranked_come_last():
    event = EventFactory()
    unranked, second, first = (GuestFactory(event=event, rank=rank) for rank in (None, 2, 1))
    assert list(event.guests.all()) == [first, second, unranked]


@pytest.mark.parametrize("query", ["野村総合研究所", "野村综合研究所", "tanazaki", "minister"])
def test_is_found_by_person_organization_and_post(query):
    guest = GuestFactory(
        person=PersonFactory(family_latin="Tanazaki"),
        organization=OrganizationFactory(name="野村総合研究所"),
        position_held="Minister",
    )
    GuestFactory()
    assert list(Guest.objects.search(query)) == [guest]


@pytest.mark.parametrize("rank", [-1, 10**30])
def test_rank_is_a_small_number(rank):
    guest = GuestFactory.build(event=EventFactory(), person=PersonFactory(), rank=rank)
    assert list(refusals(guest)) == ["rank"]


def test_guests_belong_to_all_staff(stranger):
    assert access.can(stranger, "view", GuestFactory())


def test_a_new_guest_is_still_to_be_invited():
    guest = GuestFactory()
    assert (guest.invitation, guest.attendance, guest.role) == ("to_invite", "expected", "guest")
