"""Which records a name in a cell leads to, and that not all of them are read for it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.imports import kinds, relations
from core.imports.relations import Finder, names_of
from core.records import Record
from core.search import whole_tokens
from tests.factories import BY_RESOURCE, AliasFactory, OrganizationFactory, PersonFactory

pytestmark = pytest.mark.django_db
SEARCHED = [
    slug
    for slug, made in BY_RESOURCE.items()
    if issubclass(made._meta.model, Record) and names_of(made._meta.model).searched
]


def called(user, model, name):
    return Finder(model, user).named(name)


@pytest.mark.parametrize("slug", SEARCHED)
def test_the_search_knows_every_name(slug):
    """So that the index may be asked instead of reading all records."""
    record = BY_RESOURCE[slug]()
    record.refresh_from_db()
    names = [name for name, _language in record.spellings() if name]
    assert names
    for name in names:
        tokens = {token for variant in names_of(type(record)).variants(name) for token in whole_tokens([variant])[0]}
        assert tokens & set(record.search_text.split()), name
        assert relations.key_of(name) in relations.spellings(record)


def test_what_imports_name_most_is_asked_of_the_index():
    assert {"organizations", "people", "leads", "interactions", "events"} <= set(SEARCHED)
    assert {"organizations", "people"} <= set(kinds.everything())


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("日本電気株式会社", "日本电气株式会社"),
        ("日本電気株式会社", "日本電氣 株式會社"),
        ("キヤノン・マーケティング", "ｷﾔﾉﾝ マーケティング"),
        ("Hewlett-Packard Co., Ltd.", "hewlett packard co ltd"),
        ("Crédit Agricole", "CRÉDIT AGRICOLE"),
        ("総合研究所", "综合研究所"),
        ("★", "★"),
        ("あ" * 200, "あ" * 200),
    ],
)
def test_another_way_to_write_a_name(director, stored, asked):
    organization = OrganizationFactory(name=stored)
    OrganizationFactory(name="別の会社")
    assert called(director, type(organization), asked) == [organization]


def test_names_that_begin_alike_are_different(director):
    OrganizationFactory(name="あ" * 100 + "い")
    model = type(OrganizationFactory(name="あ" * 100 + "う"))
    assert called(director, model, "あ" * 100) == []


def test_an_alias_is_a_name(director):
    alias = AliasFactory(name="電電公社")
    assert called(director, type(alias.organization), "電電公社") == [alias.organization]


@pytest.mark.parametrize("asked", ["山田太郎", "山田　太郎", "太郎 山田", "Taro Yamada", "YAMADA TARO"])
def test_people_in_either_order(director, asked):
    person = PersonFactory(family_name="山田", given_name="太郎", family_latin="Yamada", given_latin="Taro")
    PersonFactory(family_name="山田", given_name="花子", family_latin="Yamada", given_latin="Hanako")
    assert called(director, type(person), asked) == [person]


def test_a_name_with_its_parts_is_asked_for_after_the_same_without(director):
    person = PersonFactory(family_name="山田", given_name="太郎")
    finder = Finder(type(person), director)
    finder.prepare(["太郎山田"])
    assert finder.named("太郎 山田") == [person]


def test_several_of_one_name_in_the_order_of_their_numbers(director):
    first, second = OrganizationFactory(name="大和", country="JP"), OrganizationFactory(name="大和", country="CN")
    second.archive("closed")
    third = OrganizationFactory(name="大和", country="KR")
    finder = Finder(type(first), director)
    assert finder.named("大和") == [first, third]
    assert [one.pk for one in finder.called(["大和"])] == [first.pk, second.pk, third.pk]


def test_only_records_that_may_be_called_so_are_read(director):
    model = type(OrganizationFactory(name="日本電気"))
    OrganizationFactory.create_batch(5)
    finder = Finder(model, director)
    director.has_perm("crm.view_organization")
    with CaptureQueriesContext(connection) as queries:
        finder.prepare(["日本电气", "誰も知らない"])
        assert [str(one) for one in finder.named("日本電気")] == ["日本電気"]
        assert finder.named("誰も知らない") == []
    reading = [query["sql"] for query in queries if f'FROM "{model._meta.db_table}"' in query["sql"]]
    assert reading
    assert all(" IN (" in sql or "tsquery" in sql for sql in reading)
    # The index (which PostgreSQL first puts in order), the names, the records.
    expected = 4 if connection.vendor == "postgresql" else 3
    assert len(queries) == expected, [query["sql"] for query in queries]
    with CaptureQueriesContext(connection) as again:
        finder.prepare(["日本电气", "誰も知らない"])
    assert len(again) == 0


def test_a_record_of_the_file_itself(director):
    finder = Finder(type(OrganizationFactory()), director)
    assert finder.named("新会社") == []
    made = OrganizationFactory(name="新会社")
    finder.add(made)
    assert finder.named("新會社") == [made]


def test_the_keys_of_many_names_are_those_of_each():
    names = ["日本電気", "NEC Corp.", "ＮＥＣ", "a\nb", "総合", "x" * 50]
    relations._known.clear()
    relations.learn_keys(names)
    together = [relations.key_of(name) for name in names]
    relations._known.clear()
    assert together == [relations.key_of(name) for name in names]
