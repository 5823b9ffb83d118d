import pytest

from core.names.forms import form
from core.names.legal import strip
from core.names.queries import readings
from core.names.romaji import consonants, sound
from core.names.text import fold, normalise


@pytest.mark.parametrize(
    "other",
    ["日本电气", "日本電氣", "日本電気(株)", "㈱日本電気", "日本電気 K.K.", "株式會社日本電気", "日本電気股份有限公司"],
)
def test_one_folded_form(other):
    assert form(other).folded == form("日本電気株式会社").folded


@pytest.mark.parametrize("other", ["にっぽんでんき", "ﾆｯﾎﾟﾝﾃﾞﾝｷ", "Nippon Denki", "Nihon Denki K.K.", "NIPPON  DENKI"])
def test_one_sound(other):
    assert sound("nihondenki") in form(other).sounds


@pytest.mark.parametrize("names", [("Ohno", "Ono", "Oono", "Ōno"), ("Shimazu", "Simadu", "Shimadzu")])
def test_romaji_spellings_of_one_reading(names):
    assert len({sound(normalise(name)) for name in names}) == 1


def test_english_words_as_japan_says_them():
    assert consonants("digital") == consonants("dejitaru")


def test_variants_of_family_names():
    assert fold("渡邉") == fold("渡邊") == fold("渡辺")


def test_name_that_is_only_a_legal_form_is_kept():
    assert strip("株式会社").core == "株式会社"


def test_glued_english_form():
    assert strip(normalise("KITAZAWASANGYOco.,ltd.")).core == "kitazawasangyo"


def test_word_that_begins_like_a_form_is_kept():
    assert strip(normalise("Cosmo Oil")).core == "cosmo oil"


def test_name_without_a_letter():
    with pytest.raises(ValueError, match="letter"):
        form("・・")


def test_glossary_brings_languages_together():
    assert form("住友橡胶").chinese_words == form("住友ゴム").chinese_words
    assert form("太平洋水泥").words[-1] == form("Taiheiyo Cement").words[-1] == "@cement"


def test_part_in_brackets_may_be_meant():
    assert readings("杏林製薬（KYORIN Pharmaceutical）") == (
        "杏林製薬(kyorin pharmaceutical)",
        "杏林製薬",
        "kyorin pharmaceutical",
    )
