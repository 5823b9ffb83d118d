import pytest

from crm.models import Lead
from tests.factories import AffiliationFactory, InteractionFactory, LeadFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db


def initial(response):
    return response.context["adminform"].form.initial


class TestAddForm:
    def test_a_new_lead_starts_at_the_own_station_and_is_mine(self, logged_in, officer, tokyo_station):
        response = logged_in(officer).get("/admin/crm/lead/add/")
        assert initial(response) == {"station": tokyo_station.pk, "owner": officer.pk}

    def test_the_address_may_say_more(self, logged_in, officer):
        organization = OrganizationFactory(name="日本電気")
        response = logged_in(officer).get(f"/admin/crm/lead/add/?organization={organization.pk}")
        assert initial(response)["organization"] == str(organization.pk)
        assert "日本電気" in response.content.decode()

    @pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "1,2", "%00"])
    def test_nonsense_in_the_address_is_left_out(self, logged_in, officer, value):
        for path in (f"lead/add/?organization={value}", f"interaction/add/?people={value}"):
            assert logged_in(officer).get(f"/admin/crm/{path}").status_code == 200

    def test_a_new_interaction_names_me_on_our_side(self, logged_in, officer):
        assert initial(logged_in(officer).get("/admin/crm/interaction/add/"))["staff"] == [officer.pk]

    def test_somebody_without_a_station_starts_without(self, logged_in, director):
        assert "station" not in initial(logged_in(director).get("/admin/crm/lead/add/"))


class TestLists:
    def test_people_with_their_present_posts(self, logged_in, officer):
        person = PersonFactory(family_kana="ヤマダ", given_kana="タロウ")
        AffiliationFactory(person=person, organization=OrganizationFactory(name="日本電気"), position="部長")
        page = logged_in(officer).get("/admin/crm/person/").content.decode()
        assert "日本電気 部長" in page
        assert "ヤマダ タロウ" in page

    @pytest.mark.parametrize("count", [1, 3])
    def test_posts_take_one_query_however_many_people(self, logged_in, officer, count, django_assert_num_queries):
        for _number in range(count):
            AffiliationFactory()
        client = logged_in(officer)
        with django_assert_num_queries(9):
            client.get("/admin/crm/person/")

    def test_a_lead_out_of_sight_is_not_named_beside_a_talk(self, logged_in, officer, osaka_station, tokyo_station):
        lead = LeadFactory(title="Secret plan", station=osaka_station)
        InteractionFactory(subject="Dinner", station=tokyo_station, lead=lead)
        page = logged_in(officer).get("/admin/crm/interaction/").content.decode()
        assert "Dinner" in page
        assert "Secret plan" not in page

    def test_leads_of_other_stations_are_not_listed(self, logged_in, officer, osaka_station, tokyo_station):
        LeadFactory(title="Ours", station=tokyo_station)
        LeadFactory(title="Theirs", station=osaka_station)
        page = logged_in(officer).get("/admin/crm/lead/").content.decode()
        assert "Ours" in page
        assert "Theirs" not in page

    def test_a_list_of_several_choices_in_the_address_is_followed(self, logged_in, officer, tokyo_station):
        for stage in ("new", "contacted", "qualified"):
            LeadFactory(station=tokyo_station, stage=stage)
        response = logged_in(officer).get("/admin/crm/lead/?stage__in=new,contacted")
        assert response.context["cl"].result_count == 2
        assert [named["value"] for named in response.context["active_filters"]] == ["New, Contacted"]

    def test_filtering_by_an_organization_does_not_read_all_of_them(
        self, logged_in, officer, django_assert_max_num_queries
    ):
        organization = OrganizationFactory.create_batch(3)[0]
        client = logged_in(officer)
        with django_assert_max_num_queries(15):
            response = client.get(f"/admin/crm/lead/?organization={organization.pk}")
        assert [named["value"] for named in response.context["active_filters"]] == [organization.name]


def test_codes_of_reference_lists_never_change(logged_in, director):
    sector = Lead._meta.get_field("sector").related_model.objects.get(code="other")
    client = logged_in(director)
    data = {"code": "changed", "name_en": "Else", "name_zh": "其他", "name_ja": "その他", "position": 1}
    assert client.post(f"/admin/crm/sector/{sector.pk}/change/", data).status_code == 302
    sector.refresh_from_db()
    assert (sector.code, sector.name_en) == ("other", "Else")
