"""Cells that a spreadsheet would run are made harmless, and nothing is lost on the way back."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.spreadsheet_text import STARTS, make_inert, restore

# Short texts over the characters that matter find far more than random Unicode does.
NASTY = st.text(alphabet="".join(sorted(STARTS)) + "'0159 .,%()/A!髙", max_size=12)


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "=cmd|' /C calc'!A0",
        '=HYPERLINK("http://example.org","x")',
        "@SUM(A1:A2)",
        "+A1",
        "-A1",
        "-",
        "+",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "\x00=1+1",
        "＝1+1",
        "＋A1",
        "－A1",
        "＠SUM(A1)",
        "+1-2",
        "-5\n=1+1",
        "+81 3-1234-5678\n",
        "-2+3+cmd|' /C calc'!A0",
    ],
)
def test_text_that_would_run_gets_an_apostrophe(text):
    assert make_inert(text) == f"'{text}"
    assert restore(make_inert(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "'",
        "'''",
        "'tis",
        "plain",
        "a=b",
        "髙島屋",
        "first\nsecond",
        "+81 3-1234-5678",
        "+81-3-1234-5678",
        "+86 (0512) 8518 2000",
        "+8613912345678",
        "-5",
        "-5.2",
        "+3",
        "-.5",
        "-1,234,567.89",
        "-5%",
        "'-5",
        "'+81 3-1234-5678",
        "2026-11-22",
    ],
)
def test_harmless_text_stays_untouched(text):
    assert make_inert(text) == text
    assert restore(text) == text


def test_apostrophes_before_dangerous_text_are_kept_apart_from_ours():
    assert make_inert("'=1+1") == "''=1+1"
    assert restore("''=1+1") == "'=1+1"


@given(st.one_of(st.text(), NASTY))
def test_restoring_gives_back_every_text(text):
    assert restore(make_inert(text)) == text


@given(NASTY)
def test_no_cell_starts_with_a_sign_unless_it_is_a_number_or_a_phone(text):
    cell = make_inert(text)
    if cell[:1] in STARTS and cell:
        assert not any(character.isalpha() or character in "=@!'" for character in cell)


@given(st.lists(st.one_of(st.text(), NASTY), min_size=2, max_size=5))
def test_a_row_survives_the_whole_way_through_a_file(texts):
    file = io.StringIO(newline="")
    csv.writer(file).writerow([make_inert(text) for text in texts])
    (row,) = csv.reader(io.StringIO(file.getvalue(), newline=""))
    assert [restore(cell) for cell in row] == texts
