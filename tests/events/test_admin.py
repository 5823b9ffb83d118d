import pytest

from events.models import Visit
from tests.factories import DelegationFactory, EventFactory, OrganizationFactory, SessionFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(tokyo_station):
    return UserFactory(role="Event manager", station=tokyo_station)


def test_a_new_event_is_mine_and_my_station_s(logged_in, manager, tokyo_station):
    response = logged_in(manager).get("/admin/events/event/add/")
    assert response.context["adminform"].form.initial == {"station": tokyo_station.pk, "owner": manager.pk}


def test_a_visit_offers_journeys_only(logged_in, manager):
    delegation, conference = DelegationFactory(), EventFactory()
    client = logged_in(manager)
    data = {"organization": OrganizationFactory().pk, "position": 1}
    response = client.post("/admin/events/visit/add/", {**data, "delegation": conference.pk})
    assert list(response.context["adminform"].form.errors) == ["delegation"]
    assert client.post("/admin/events/visit/add/", {**data, "delegation": delegation.pk}).status_code == 302
    assert Visit.objects.get().delegation == delegation


def test_officers_read_the_programme_and_do_not_change_it(logged_in, officer):
    session = SessionFactory()
    client = logged_in(officer)
    assert client.get(f"/admin/events/session/{session.pk}/change/").status_code == 200
    assert client.post(f"/admin/events/session/{session.pk}/change/", {"title": "Mine"}).status_code == 403
    assert client.get("/admin/events/session/add/").status_code == 403


@pytest.mark.parametrize("model", ["event", "session", "guest", "visit", "eventkind"])
def test_lists_open(logged_in, director, model):
    SessionFactory(), DelegationFactory()
    assert logged_in(director).get(f"/admin/events/{model}/").status_code == 200
