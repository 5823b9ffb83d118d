"""The table of measurements, and when a limit is broken."""

import pytest

from benchmarks.__main__ import Refused, chosen
from benchmarks.report import Figure, Line, figure, table


@pytest.mark.parametrize(
    ("value", "limit", "at_least", "of_limit", "is_over"),
    [
        (4.0, 5.0, False, 0.8, False),
        (5.0, 5.0, False, 1.0, False),
        (6.0, 5.0, False, 1.2, True),
        (0.8, 0.6, True, 0.75, False),
        (0.5, 0.6, True, 1.2, True),
        (0.0, 0.6, True, float("inf"), True),
        (7.0, None, False, None, False),
    ],
)
def test_a_limit_is_kept_or_broken(value, limit, at_least, of_limit, is_over):
    found = Figure("export", value, "x", limit, at_least)
    assert found.of_limit == (pytest.approx(of_limit) if of_limit is not None else None)
    assert found.is_over is is_over


def test_plain_tuples_are_figures_too():
    assert figure(["export", 0.5, "x", 0.6, True]) == Figure("export", 0.5, "x", 0.6, at_least=True)


def test_the_table_has_the_databases_of_a_subject_together():
    lines = [
        Line("SQLite", Figure("export", 0.75, "x", 0.6, at_least=True)),
        Line("SQLite", Figure("memory", 12.5, "MB")),
        Line("PostgreSQL", Figure("export", 0.5, "x", 0.6, at_least=True)),
    ]
    assert [[cell.strip() for cell in row.strip("|").split("|")] for row in table(lines).splitlines()[2:]] == [
        ["export", "SQLite", "0.75x", "≥ 0.60x", "0.80", "ok"],
        ["export", "PostgreSQL", "0.50x", "≥ 0.60x", "1.20", "OVER"],
        ["memory", "SQLite", "12.5 MB", "", "", ""],
    ]


@pytest.mark.parametrize(
    ("text", "names"), [("", ["csv", "api"]), ("all", ["csv", "api"]), ("api", ["api"]), ("api, csv", ["csv", "api"])]
)
def test_measurements_are_chosen_by_name(text, names):
    assert chosen(text, {"csv": "csv_export", "api": "api"}) == names


def test_an_unknown_name_is_refused():
    with pytest.raises(Refused, match=r"no pdf\. Choose from: csv"):
        chosen("pdf", {"csv": "csv_export"})
