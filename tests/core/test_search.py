"""One spelling finds another."""

import pytest

from core.search import fold, terms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("日本電気", "日本电气"),
        ("日本電気", "日本電氣"),
        ("株式会社", "株式會社"),
        ("ＮＥＣ", "nec"),
        ("ﾄﾖﾀ", "トヨタ"),
        ("髙島屋", "高島屋"),
        ("山﨑", "山崎"),
        ("𠮷野家", "吉野家"),
        ("渡邉", "渡辺"),
        ("Straße", "STRASSE"),
        ("①", "1"),
        ("　", " "),
    ],
)
def test_spellings_that_mean_the_same(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("日本", "日立"), ("トヨタ", "とよた"), ("NEC", "NECK")])
def test_spellings_that_do_not(one, other):
    assert fold(one) != fold(other)


def test_latin_text_stays_as_it_is():
    assert fold("Suzhou (Xiangcheng) 2019") == "suzhou (xiangcheng) 2019"


def test_folding_twice_is_folding_once():
    assert fold(fold("髙島屋 ＮＥＣ 電氣")) == fold("髙島屋 ＮＥＣ 電氣")


def test_a_query_is_its_words():
    assert terms("  Battery　電気  ") == ["battery", fold("電気")]


@pytest.mark.parametrize("query", ["", "   ", "　"])
def test_an_empty_query_has_no_words(query):
    assert terms(query) == []


def test_only_the_first_eight_words_count():
    assert terms("a b c d e f g h i j") == list("abcdefgh")
