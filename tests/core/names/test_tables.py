"""Each line of the tables does what it says."""

import pytest

from core.names.conflicts import Conflict, conflicts
from core.names.forms import form
from core.names.kana import romaji
from core.names.legal import strip
from core.names.people import without_titles
from core.names.queries import without_address
from core.names.romaji import sound
from core.names.tables import rows
from core.names.text import fold, normalise


@pytest.mark.parametrize("row", rows("legal_forms"), ids=lambda row: row[0])
def test_legal_form_is_taken_off(row):
    _form, _ends, _language, example, core = row
    assert strip(normalise(example)).core == core


@pytest.mark.parametrize("row", rows("romaji"), ids=lambda row: row[0])
def test_romaji_is_folded(row):
    _letters, _become, example, folded = row
    assert sound(example) == folded


@pytest.mark.parametrize("row", rows("variants"), ids=lambda row: row[0])
def test_variants_meet_in_one_form(row):
    assert fold(row[0]) == fold(row[1])


@pytest.mark.parametrize("row", rows("addressed"), ids=lambda row: row[0])
def test_department_is_taken_off(row):
    _ending, example = row
    assert without_address(normalise(example)) in ("あさひ", "asahi sales")


@pytest.mark.parametrize("row", rows("blocking"), ids=lambda row: row[0])
def test_line_of_business_blocks(row):
    _concept, example = row
    assert Conflict.LINE in conflicts(form(example), form("朝日"))


@pytest.mark.parametrize("row", rows("honorifics"), ids=lambda row: row[0])
def test_title_is_taken_off(row):
    title, where = row
    latin = title.isascii()
    assert without_titles(normalise(f"Kenji Mori {title}" if latin else f"森 健次{title}")) == (
        "kenji mori" if latin else "森 健次"
    )
    if where == "both":
        assert without_titles(normalise(f"{title}. Kenji Mori")) == "kenji mori"


@pytest.mark.parametrize("row", rows("kana"), ids=lambda row: row[0])
def test_kana_is_read(row):
    assert romaji(row[0]) == row[1]


def test_word_of_the_glossary_has_one_meaning():
    for column in (2, 3):
        words = [word for row in rows("glossary") for word in row[column].split(",") if word]
        assert sorted(words) == sorted(set(words))
