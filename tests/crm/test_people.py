import datetime

import pytest
from django.utils import translation

from crm.models import Person
from crm.people import own_script_name
from tests.factories import AffiliationFactory, ContactPointFactory, OrganizationFactory, PersonFactory
from tests.rules import refusals

pytestmark = pytest.mark.django_db
DAY = datetime.date(2024, 4, 1)


class TestNames:
    @pytest.mark.parametrize(
        ("family", "given", "order", "name"),
        [
            ("山田", "太郎", "family_first", "山田太郎"),
            ("佐々木", "さくら", "family_first", "佐々木さくら"),
            ("顾", "海东", "family_first", "顾海东"),
            ("김", "민준", "family_first", "김민준"),
            ("𠮷田", "々子", "family_first", "𠮷田々子"),
            ("スミス", "ジョン", "given_first", "ジョン スミス"),
            ("山田", "マリア", "family_first", "山田 マリア"),
            ("Smith", "John", "given_first", "John Smith"),
            ("Müller", "Jürgen", "given_first", "Jürgen Müller"),
            ("Öz", "Émile", "family_first", "Öz Émile"),
            ("Петров", "Иван", "given_first", "Иван Петров"),
            ("山田", "", "family_first", "山田"),
            ("", "Jürgen", "family_first", "Jürgen"),
            ("", "", "family_first", ""),
        ],
    )
    def test_names_are_joined_as_their_script_writes_them(self, family, given, order, name):
        assert own_script_name(family, given, order) == name

    @pytest.mark.parametrize(("language", "name"), [("en", "Yamada Taro"), ("zh-hans", "山田太郎"), ("ja", "山田太郎")])
    def test_readers_of_english_see_latin_letters(self, language, name):
        person = Person(family_name="山田", given_name="太郎", family_latin="Yamada", given_latin="Taro")
        with translation.override(language):
            assert str(person) == name
        assert person.own_name == "山田太郎"

    def test_a_name_in_one_script_only_is_shown_in_every_language(self):
        for person in (
            Person(family_name="山田", given_name="太郎"),
            Person(family_latin="Yamada", given_latin="Taro"),
        ):
            shown = set()
            for language in ("en", "zh-hans", "ja"):
                with translation.override(language):
                    shown.add(str(person))
            assert len(shown) == 1

    def test_at_least_one_name_is_needed(self):
        assert refusals(Person(family_kana="ヤマダ")) == {"family_name": ["Give at least one name."]}

    @pytest.mark.parametrize("field", ["family_name", "given_name", "family_latin", "given_latin"])
    def test_any_one_name_is_enough(self, field):
        assert refusals(Person(**{field: "Taro"})) == {}


class TestSearch:
    @pytest.mark.parametrize("query", ["山田太郎", "山田 太郎", "太郎", "ヤマダタロウ", "ﾔﾏﾀﾞ", "yamada taro", "TARO"])
    def test_finds_a_person_however_the_name_is_typed(self, query):
        person = PersonFactory(
            family_name="山田", given_name="太郎", family_kana="ヤマダ", given_kana="タロウ",
            family_latin="Yamada", given_latin="Taro",
        )  # fmt: skip
        PersonFactory(family_name="鈴木", given_name="一郎")
        assert list(Person.objects.search(query)) == [person]

    @pytest.mark.parametrize("query", ["スミスジョン", "スミス ジョン", "ジョン"])
    def test_finds_a_katakana_name_without_its_space(self, query):
        person = PersonFactory(family_name="スミス", given_name="ジョン")
        assert list(Person.objects.search(query)) == [person]

    @pytest.mark.parametrize("query", ["顾海东", "顧海東"])
    def test_finds_simplified_by_traditional_and_the_other_way_round(self, query):
        people = [
            PersonFactory(family_name="顾", given_name="海东"),
            PersonFactory(family_name="顧", given_name="海東"),
        ]
        assert set(Person.objects.search(query)) == set(people)


class TestAffiliations:
    def test_the_end_is_not_before_the_start(self):
        post = AffiliationFactory.build(
            person=PersonFactory(),
            organization=OrganizationFactory(),
            starts_on=DAY,
            ends_on=DAY - datetime.timedelta(1),
        )
        assert refusals(post) == {"ends_on": ["The end of the affiliation is before its start."]}

    def test_a_post_may_last_one_day(self):
        assert refusals(AffiliationFactory(starts_on=DAY, ends_on=DAY)) == {}

    def test_present_posts_come_first_then_the_latest(self):
        person = PersonFactory()
        old, older = (AffiliationFactory(person=person, ends_on=datetime.date(year, 3, 31)) for year in (2020, 2010))
        present = AffiliationFactory(person=person)
        assert list(person.affiliations.all()) == [present, old, older]

    def test_is_named_by_organization_and_position(self):
        post = AffiliationFactory(organization=OrganizationFactory(name="日本電気"), position="部長")
        assert str(post) == "日本電気 部長"


class TestContactPoints:
    @pytest.mark.parametrize(
        "number", ["+81 3-1234-5678", "+86 (0512) 8518 2000", "03-1234-5678", "0120.444.444", "(03)1234-5678"]
    )
    def test_phone_numbers_as_people_write_them(self, number):
        assert refusals(ContactPointFactory(kind="phone", value=number)) == {}

    @pytest.mark.parametrize("number", ["call me", "+", "12", "=1+1", "03-1234-5678\n"])
    def test_what_is_no_phone_number_is_refused(self, number):
        point = ContactPointFactory.build(person=PersonFactory(), kind="phone", value=number)
        assert refusals(point) == {"value": ["Write the phone number with digits, e.g. +81 3-1234-5678."]}

    def test_what_is_no_e_mail_address_is_refused(self):
        point = ContactPointFactory.build(person=PersonFactory(), kind="email", value="taro at example.com")
        assert refusals(point) == {"value": ["Enter a valid email address."]}

    @pytest.mark.parametrize(
        ("kind", "value"), [("email", "taro@example.com"), ("wechat", "taro_san"), ("line", "@taro")]
    )
    def test_other_ways_to_reach_somebody(self, kind, value):
        assert refusals(ContactPointFactory(kind=kind, value=value)) == {}

    def test_is_listed_once(self):
        point = ContactPointFactory()
        again = ContactPointFactory.build(person=point.person, kind=point.kind, value=point.value)
        assert refusals(again) == {"__all__": ["This contact point is already listed."]}
