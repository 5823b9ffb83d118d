"""Every fact of the press release of 4 July 2019, and nothing that it does not say."""

import datetime
from decimal import Decimal

import pytest

from core import access
from core.accounts import User
from crm.models import Alias, LiaisonStation, Organization, Person
from events.models import Event, Guest, Session, Visit
from projects.models import Batch, Contract, Zone

pytestmark = pytest.mark.usefixtures("conference")
THEME = "Focus on Smart Manufacturing China-Japan Cooperative Innovation"
SECOND_OF_JULY = datetime.date(2019, 7, 2)


def the_conference():
    return Event.objects.get(kind__code="promotion_conference")


def names(record):
    return record.name, record.name_en, record.name_zh, record.name_ja


def test_home_district_is_a_government():
    district = Organization.objects.get(name="苏州市相城区人民政府")
    assert (district.kind, district.country.code) == ("government", "CN")
    assert set(district.aliases.filter(kind="as_written").values_list("name", flat=True)) == {
        "Suzhou Xiangcheng",
        "Xiangcheng District",
    }


def test_head_station_is_hosted_by_the_district():
    head = LiaisonStation.objects.get(kind="head")
    assert (head.host.name, head.country.code, head.time_zone) == ("苏州市相城区人民政府", "CN", "Asia/Shanghai")


def test_conference():
    event = the_conference()
    assert (event.status, event.starts_on, event.ends_on) == ("held", SECOND_OF_JULY, SECOND_OF_JULY)
    assert (event.city, event.country.code, event.time_zone, event.venue) == ("東京都", "JP", "Asia/Tokyo", "")
    assert names(event) == (
        "“聚焦智能制造 中日协同创新”苏州（相城）日本招商推介会",
        f'"{THEME}" Suzhou (Xiangcheng) Japan Investment Promotion Conference',
        "“聚焦智能制造 中日协同创新”苏州（相城）日本招商推介会",
        "「スマート製造を中心に、中日協力イノベーションの実現を」蘇州相城（日本）投資説明会",
    )
    assert event.theme_en == THEME
    assert event.announced_contracts == 8
    assert event.source == "PR Newswire, 4 July 2019"
    assert [(str(p.organization.name_en), p.role) for p in event.partners.all()] == [
        ("Suzhou Xiangcheng District People's Government", "host")
    ]


def test_programme_in_its_order():
    assert list(the_conference().sessions.values_list("position", "kind", "held_on")) == [
        (1, "introduction", SECOND_OF_JULY),
        (2, "unveiling", SECOND_OF_JULY),
        (3, "signing", SECOND_OF_JULY),
        (4, "round_table", SECOND_OF_JULY),
        (5, "experience_sharing", SECOND_OF_JULY),
    ]


def test_every_session_has_three_titles_and_no_invented_hour():
    for session in Session.objects.all():
        assert all((session.title_en, session.title_zh, session.title_ja))
        assert (session.starts_at, session.ends_at) == (None, None)


def test_introduction_by_one_speaker_on_two_topics():
    session = Session.objects.get(kind="introduction")
    (speaker,) = session.speakers.all()
    assert (speaker.person.own_name, str(speaker.person)) == ("顾海东", "Gu Haidong")
    assert speaker.organization.name == "苏州市相城区人民政府"
    assert (speaker.position_held, speaker.role) == ("中共苏州市相城区委书记", "speaker")
    assert [topic.split(" / ")[1] for topic in session.topics.splitlines()] == [
        "Overall development of Xiangcheng District",
        "Planning of the zone",
    ]


def test_gu_haidong_is_secretary_of_the_district_committee():
    post = Person.objects.get(family_latin="Gu").affiliations.get()
    assert post.position_en == "Secretary of the Xiangcheng District CPC Committee"


def test_tokyo_station_was_unveiled():
    station = Session.objects.get(kind="unveiling").unveils
    assert names(station) == (
        "相城区（东京）招商联络站",
        "Suzhou Xiangcheng Liaison Station in Tokyo",
        "相城区（东京）招商联络站",
        "相城区東京誘致事務所",
    )
    assert (station.kind, station.country.code, station.city) == ("liaison", "JP", "東京都")
    assert (station.opened_on, station.time_zone) == (SECOND_OF_JULY, "Asia/Tokyo")


def test_zone():
    zone = Zone.objects.get()
    assert names(zone) == (
        "苏州（相城）中日智能制造协同创新区",
        "Suzhou (Xiangcheng) China-Japan Smart Manufacturing Cooperative Innovation Zone",
        "苏州（相城）中日智能制造协同创新区",
        "蘇州（相城）中日スマート製造協力イノベーション区",
    )
    assert zone.area_km2 == Decimal(489)
    assert zone.planner.name == "株式会社野村総合研究所"
    assert zone.other_names.splitlines()[0] == (
        "Sino-Japanese Smart Manufacturing Cooperative Innovation Zone in Suzhou (Xiangcheng)"
    )


def test_both_names_of_the_zone_find_it():
    assert list(Zone.objects.search("China-Japan Smart")) == list(Zone.objects.search("Sino-Japanese Smart"))


def test_first_batch_is_three_of_eight():
    batch = Batch.objects.with_recorded(access.SYSTEM).get()
    assert (batch.announced_count, batch.recorded) == (8, 3)
    assert batch.progress(access.SYSTEM) == "3 of 8 recorded"
    assert batch.session == Session.objects.get(kind="signing")
    assert batch.session.event == the_conference()
    assert batch.signed_on == SECOND_OF_JULY


def test_three_contracts_without_an_amount():
    contracts = Contract.objects.order_by("pk")
    assert [contract.title_en for contract in contracts] == [
        "Sino-Japanese Cooperative Education Project",
        "IT Software Cooperation Project",
        "Strategic Cooperation Project of the Japan-China operators Association",
    ]
    for contract in contracts:
        assert all((contract.title_zh, contract.title_ja))
        assert (contract.contracted_amount, contract.contracted_currency) == (None, "")
        assert (contract.signed_on, contract.event) == (SECOND_OF_JULY, the_conference())
        assert (contract.zone, contract.batch) == (Zone.objects.get(), Batch.objects.get())


def test_parties_of_the_contracts():
    parties = [
        [(party.organization.name_en, party.role) for party in contract.parties.all()]
        for contract in Contract.objects.order_by("pk")
    ]
    district = ("Suzhou Xiangcheng District People's Government", "government")
    assert parties == [[district], [district], [district, ("Japan-China operators Association", "association")]]
    assert Organization.objects.get(name_en="Japan-China operators Association").kind == "association"


@pytest.mark.parametrize("username", ["tokyo", "contracts", "director", "auditor"])
def test_contracts_are_seen_by(username):
    assert access.scoped(User.objects.get(username=username), Contract).count() == 3


def test_contracts_are_not_seen_by_the_officer_of_the_other_station():
    assert not access.scoped(User.objects.get(username="suzhou"), Contract).exists()


def test_round_table_of_five_with_one_named_panellist():
    session = Session.objects.get(kind="round_table")
    (panellist,) = session.speakers.all()
    assert session.announced_speakers == 5
    assert str(panellist.person) == "Tanazaki Jiabang"
    assert panellist.organization.name == "株式会社野村総合研究所"
    assert (panellist.position_held, panellist.role) == ("部長 (Enterprise Department)", "panellist")
    post = panellist.person.affiliations.get()
    assert (post.department, post.position, post.position_en) == ("Enterprise Department", "部長", "Department head")


def test_nobody_is_named_for_the_experience_of_enterprises():
    assert not Session.objects.get(kind="experience_sharing").speakers.exists()


def test_nomura_is_one_organization_under_both_names_of_the_release():
    aliases = Alias.objects.filter(kind="as_written", name__startswith="Nomura")
    assert set(aliases.values_list("name", flat=True)) == {
        "Nomura Research Institute",
        "Nomura Comprehensive Research Institute, Co., Ltd.",
    }
    (nomura,) = {alias.organization for alias in aliases}
    assert names(nomura) == (
        "株式会社野村総合研究所",
        "Nomura Research Institute, Ltd.",
        "野村综合研究所",
        "株式会社野村総合研究所",
    )
    assert nomura.corporate_number == "4010001054032"


def test_guests_are_the_two_named_people():
    guests = [(str(g.person), g.role, g.invitation, g.attendance) for g in Guest.objects.order_by("pk")]
    assert guests == [
        ("Gu Haidong", "speaker", "accepted", "attended"),
        ("Tanazaki Jiabang", "panellist", "accepted", "attended"),
    ]


def test_delegation_visited_three_organizations():
    delegation = Event.objects.get(kind__code="outbound_delegation")
    assert (delegation.kind.is_delegation, delegation.status) == (True, "held")
    visited = delegation.visits.order_by("position")
    assert [(v.organization.name_ja, v.organization.name_en, v.organization.name_zh) for v in visited] == [
        ("日本エアーテック株式会社", "AIRTECH JAPAN, LTD.", ""),
        ("日本電気株式会社", "NEC Corporation", "日本电气株式会社"),
        ("日本貿易振興機構", "Japan External Trade Organization", "日本贸易振兴机构"),
    ]


def test_what_the_delegation_heard_is_not_public_and_empty():
    assert set(Visit.objects.values_list("heard", "held_on", "lead")) == {("", None, None)}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("NEC Japan Electric Co., Ltd.", "日本電気株式会社"),
        ("Japan AIRTECH Co., Ltd.", "日本エアーテック株式会社"),
        ("Japan Trade Promotion Agency", "日本貿易振興機構"),
    ],
)
def test_the_wording_of_the_release_finds_the_organization(written, name):
    assert [organization.name for organization in Organization.objects.search(written)] == [name]


def test_nothing_else_is_recorded_and_nothing_is_marked_as_sample():
    models = (Organization, Person, LiaisonStation, Zone, Event, Session, Guest, Visit, Batch, Contract)
    assert [model.objects.count() for model in models] == [6, 2, 2, 1, 2, 5, 2, 3, 1, 3]
    assert not any(model.objects.filter(is_sample=True).exists() for model in models)


def test_every_record_names_its_source():
    for model in (Organization, Zone, Event, Batch, Contract):
        assert set(model.objects.values_list("source", flat=True)) == {"PR Newswire, 4 July 2019"}
