"""Finding names of a small set of well-known organizations, as `make bench-names` does with thousands."""

import csv

import pytest

from benchmarks.names_data import SMALL, Index, names
from core.names.rank import PEOPLE, Candidate, Kind, Name, Reason, rank


@pytest.fixture(scope="module")
def rows():
    def read(name):
        with (SMALL / name).open(encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read


@pytest.fixture(scope="module", params=[True, False], ids=["warm", "cold"])
def index(request, rows):
    return Index({row["id"]: names(row, "orgs_ja", warm=request.param) for row in rows("orgs_ja.csv")}), request.param


def test_every_query_finds_its_organization(index, rows):
    known, warm = index
    asked = [row for row in rows("bench_orgs_ja.csv") if warm or row["track"] == "both"]
    missed = {
        row["query"]: [one.id for one in known.match(row["query"])[:2]]
        for row in asked
        if known.match(row["query"])[0].id != row["targets"]
    }
    assert missed == {}


@pytest.mark.parametrize(
    ("query", "names_", "reason"),
    [
        ("日本電気株式会社", ["日本電気"], Reason.SAME_NAME),
        ("ジオスタ株式会社", ["ジオスター"], Reason.SAME_FOLDED_NAME),
        ("にっぽんでんき", ["日本電気"], Reason.READING),
        ("Guangzhou Daxue", ["广州大学"], Reason.PINYIN),
        ("NRI", ["Nomura Research Institute"], Reason.ACRONYM),
        ("太平洋水泥", ["太平洋セメント"], Reason.SAME_WORDS),
        ("日電", ["日本電気"], Reason.SHORT_FORM),
    ],
)
def test_reason(query, names_, reason):
    assert rank(query, [Candidate(1, [Name(name) for name in names_])])[0].reason is reason


def test_former_name_is_called_one():
    candidate = Candidate(1, [Name("Bitcoin Japan"), Name("堀田丸正", Kind.FORMER)])
    assert rank("堀田丸正(株)", [candidate])[0].reason is Reason.FORMER_NAME


def test_stored_acronym_is_called_one():
    assert rank("NRI", [Candidate(1, [Name("NRI", Kind.ACRONYM)])])[0].reason is Reason.ACRONYM


def test_same_name_comes_before_similar_ones():
    ranked = rank("明治", [Candidate(1, [Name("明治機械")]), Candidate(2, [Name("明治")])])
    assert [one.id for one in ranked] == [2, 1]
    assert 0 <= ranked[1].score <= ranked[0].score <= 1


def test_query_without_a_letter_finds_nothing():
    assert rank("！？", [Candidate(1, [Name("明治")])]) == []


PERSON = Candidate(1, [Name("大野 健次")])
OTHER = Candidate(2, [Name("小川 康夫")])


@pytest.mark.parametrize(
    "query",
    [
        "大野健次様",
        "大野　健次 部長",
        "Kenji Ohno",
        "ONO, Kenji",
        "Mr. Kenzi Oono",
        "おおの けんじ",
        "大野健次先生",
        "大野健二",
    ],
)
def test_person_in_any_spelling(query):
    assert rank(query, [OTHER, PERSON], subject=PEOPLE)[0].id == 1
