import pytest

from core.names.conflicts import Conflict, conflicts
from core.names.decide import Decision, Numbers, compare_numbers, decide
from core.names.forms import form
from core.names.rank import PEOPLE, Candidate, Name, rank


def decided(query, *stored, **options):
    """What follows for organizations with these names, one each."""
    return decide(query, rank(query, [Candidate(name, [Name(name)]) for name in stored]), **options)


@pytest.mark.parametrize("query", ["㈱日本電気", "日本电气", "ＮＥＣ日本電気".removeprefix("ＮＥＣ"), "日本電気 御中"])
def test_same_letters_link(query):
    assert decided(query, "日本電気株式会社", "日本電子株式会社") is Decision.LINK


def test_same_letters_twice_only_suggest_at_most():
    assert decided("日本電気", "日本電気株式会社", "日本電気有限会社") is not Decision.LINK


@pytest.mark.parametrize(
    ("query", "stored"), [("新光商事", "神鋼商事"), ("Shinko Shoji", "神鋼商事"), ("シンコウショウジ", "神鋼商事")]
)
def test_equal_sound_never_links(query, stored):
    assert decided(query, stored) is not Decision.LINK


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ("第3号ファンド", "第4号ファンド", Conflict.NUMBER),
        ("第三号匿名組合", "第四号匿名組合", Conflict.NUMBER),
        ("東京商事", "大阪商事", Conflict.PLACE),
        ("朝日会", "朝日会病院", Conflict.LINE),
        ("明治", "明治HD", Conflict.LINE),
        ("山田株式会社", "有限会社山田", Conflict.LEGAL_FORM),
        ("Tokyo Trading", "上海商事", Conflict.PLACE),
    ],
)
def test_conflict(first, second, conflict):
    assert conflict in conflicts(form(first), form(second))
    assert decided(first, second) is Decision.NOTHING


@pytest.mark.parametrize(
    ("first", "second"), [("明治HD", "明治ホールディングス"), ("第3号", "第三号"), ("Shanghai Trading", "上海商事")]
)
def test_no_conflict_between_spellings(first, second):
    assert list(conflicts(form(first), form(second))) == []


def test_different_numbers_veto():
    assert decided("日本電気", "日本電気", numbers=Numbers.DIFFERENT) is Decision.NOTHING


def test_equal_numbers_decide():
    assert decided("新社名", "旧商号", numbers=Numbers.SAME) in (Decision.LINK, Decision.NOTHING)


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (("7010401022916", ""), ("7010401022916", ""), Numbers.SAME),
        (("7010401022916", ""), ("1010401022916", ""), Numbers.DIFFERENT),
        (("7010401022916", ""), ("", "91310000"), Numbers.UNKNOWN),
    ],
)
def test_numbers(first, second, outcome):
    assert compare_numbers(first, second) is outcome


def test_people_never_link_by_name_alone():
    ranked = rank("田中実", [Candidate(1, [Name("田中実")])], subject=PEOPLE)
    assert decide("田中実", ranked, subject=PEOPLE) is Decision.SUGGEST
