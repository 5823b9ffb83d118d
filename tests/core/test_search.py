"""One spelling finds another: folding, tokens and queries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search import LONGEST_TOKEN, MOST_TOKENS, beginning, fold, parse, tokens, whole_tokens


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


# -- tokens -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("日本電気", ["日本", "本电", "电气", "气", "=日本电气"]),
        ("電", ["电", "=电"]),
        ("山田 一", ["山田", "田一", "一", "=山田一"]),
        ("NEC Corp.", ["nec", "corp", "=neccorp"]),
        ("Hewlett-Packard", ["hewlett", "packard", "hewlettpackard", "=hewlettpackard"]),
        ("NEC日本", ["nec", "日本", "本", "=nec日本"]),
        ("Zoë", ["zoe", "=zoe"]),
        ("ほくよう", ["ホク", "クヨ", "ヨウ", "ウ", "=ホクヨウ"]),
        ("ガス", ["ガス", "ス", "=ガス"]),
        ("삼성", ["삼성", "성", "=삼성"]),
        ("% _ — !", []),
        ("", []),
    ],
)
def test_a_text_becomes_tokens(text, found):
    assert tokens([text]) == found


def test_a_token_is_listed_once():
    assert tokens(["NEC NEC", "nec"]) == ["nec", "=necnec", "=nec"]


def test_a_text_of_any_length_has_tokens_that_fit_into_an_index():
    found = tokens(["x" * 5000 + " " + " ".join(f"word{number}" for number in range(MOST_TOKENS + 5))])
    assert len(found) == MOST_TOKENS
    assert max(map(len, found)) == LONGEST_TOKEN


@given(st.text())
def test_no_token_holds_what_separates_or_quotes_tokens(text):
    assert not any(sign in token for token in tokens([text]) for sign in " \n\t\"'\\*\x00")


@given(st.text())
def test_no_query_holds_what_has_a_meaning_in_the_index(text):
    terms = {term.token for way in parse(text).ways for term in way}
    assert not any(sign in term for term in terms for sign in " \n\"'\\*:&|()")


@given(st.text(alphabet="日本電気工業株式会社ヱビス ・-NEC7é", max_size=12))
def test_a_text_is_found_by_itself(text):
    assert parse(text).matches(tokens([text])) == bool(tokens([text]))


@given(st.text(alphabet="総合研究所障害者予備校弁護士日本", min_size=1, max_size=8), st.data())
def test_a_name_is_found_by_any_stretch_of_it(name, data):
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert parse(name[start:end]).matches(tokens([name]))


# -- queries ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("日本电气", "日本電気株式会社"),
        ("電気", "日本电气"),
        ("気", "日本電気"),
        ("総合", "日本综合研究所"),
        ("综合", "日本総合研究所"),
        ("日本総", "日本総合研究所"),
        ("nec", "NEC Corporation"),
        ("corp nec", "NEC Corporation"),
        ("株式会社 nec", "NEC株式会社"),
        ("山田太郎", "山田 太郎"),
        ("山田 太郎", "山田太郎"),
        ("ヒューレットパッカード", "ヒューレット・パッカード"),
        ("ヒューレット・パッカード", "ヒューレットパッカード"),
        ("ﾋｭｰﾚｯﾄ", "ひゅーれっと"),
        ("hewlett packard", "Hewlett-Packard"),
        ("hewlett-packard", "Hewlett Packard"),
        ("hewlett-packard", "HewlettPackard"),
        ("hewlettpackard", "Hewlett Packard"),
        ("cafe", "Café"),
        ("muller", "Müller"),
        ("taro@nec", "taro@nec.co.jp"),
        ("taro@nec.co.jp", "taro@nec.co.jp"),
        ("nec.co.jp", "https://www.nec.co.jp/ja/"),
        ("+81 3-1234-5678", "+81 3-1234-5678"),
        ("03-1234-5678", "+81 3-1234-5678"),
        ("0312345678", "+81 3 1234 5678"),
        ("1234-5678", "+81 3-1234-5678"),
        ("(03) 1234 5678", "+81 3-1234-5678"),
        ("13800138000", "+86 138-0013-8000"),
        ("6701", "6701"),
        ("9010601021", "9010601021385"),
    ],
)
def test_a_query_finds_a_name(query, name):
    assert parse(query).matches(tokens([name]))


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("日本電力", "日本電気"),
        ("ec", "NEC"),
        ("nec airtech", "NEC"),
        ("taro@nec.co.jp", "taro@nec.com"),
        ("03-1234-5678", "+81 3-1234-5679"),
        ("L-000123", "L-000124"),
        ("%", "100%"),
        ("'", "O'Neill"),
    ],
)
def test_a_query_does_not_find_another_name(query, name):
    assert not parse(query).matches(tokens([name]))


@pytest.mark.parametrize("query", ["", "   ", "　"])
def test_nothing_typed_is_told_from_nothing_that_could_be_found(query):
    assert (parse(query).is_empty, parse("%").is_empty) == (True, False)
    assert parse(query).ways == parse("%").ways == ()


def test_only_the_first_eight_words_count():
    assert parse("a b c d e f g h i j").matches(list("abcdefgh"))


def test_a_name_begins_with_a_query_however_it_is_spaced():
    assert beginning("hewlett pac").matches(tokens(["Hewlett-Packard"]))
    assert beginning("日本").matches(tokens(["日本電気"]))
    assert not beginning("packard").matches(tokens(["Hewlett-Packard"]))


@pytest.mark.parametrize(
    "name", ["日本電気", "Hewlett-Packard Co., Ltd.", "総合研究所", "a\nb", "x" * 60, "ﾄﾖﾀ自動車", "電話 03-1234-5678"]
)
def test_a_name_as_a_whole_is_among_its_tokens(name):
    asked = whole_tokens(["別の名前", name])[1]
    assert asked
    assert set(asked) <= set(tokens([name]))


def test_a_name_without_a_letter_has_no_whole_token():
    assert whole_tokens(["★", "NEC"]) == [(), ("=nec",)]
    assert whole_tokens([]) == []
