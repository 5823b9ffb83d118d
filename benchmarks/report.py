"""What a measurement answers, and the one table of all of them."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured value and the limit that it has to keep: at most, or `at_least`; None where there is none."""

    subject: str
    value: float
    unit: str = ""
    limit: float | None = None
    at_least: bool = False

    @property
    def of_limit(self) -> float | None:
        """How much of the limit is used up; above 1 it is broken, whichever way the limit goes."""
        if self.limit is None:
            return None
        spent, allowed = (self.limit, self.value) if self.at_least else (self.value, self.limit)
        return spent / allowed if allowed else float("inf")

    @property
    def is_over(self) -> bool:
        return self.of_limit is not None and self.of_limit > 1


class Line(NamedTuple):
    """A figure and the database that it was measured on."""

    database: str
    figure: Figure


HEADINGS = ("subject", "database", "value", "limit", "of limit", "")


def figure(found: Sequence[object]) -> Figure:
    """Measurements may also answer plain tuples of the same fields."""
    return Figure(*found)  # type: ignore[arg-type]


def table(lines: Iterable[Line]) -> str:
    """As Markdown with aligned columns, each subject with its databases one below the other."""
    ordered = list(lines)
    subjects = list(dict.fromkeys(line.figure.subject for line in ordered))
    ordered.sort(key=lambda line: subjects.index(line.figure.subject))
    rows = [HEADINGS, *map(_cells, ordered)]
    widths = [max(_width(row[n]) for row in rows) for n in range(len(HEADINGS))]
    aligned = ["| " + " | ".join(_aligned(row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 1) + ("-" if n < 2 else ":") for n, width in enumerate(widths)) + "|"
    return "\n".join([aligned[0], rule, *aligned[1:]])


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    spaces = [" " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
    return [cell + space if n < 2 else space + cell for n, (cell, space) in enumerate(zip(row, spaces, strict=True))]


def _width(text: str) -> int:
    """Columns of a terminal: Chinese and Japanese characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _cells(line: Line) -> tuple[str, ...]:
    found = line.figure
    if found.limit is None:
        return (found.subject, line.database, _number(found.value, found.unit), "", "", "")
    sign, used = "≥" if found.at_least else "≤", found.of_limit
    limit = f"{sign} {_number(found.limit, found.unit)}"
    verdict = "OVER" if found.is_over else "ok"
    return (found.subject, line.database, _number(found.value, found.unit), limit, f"{used:.2f}", verdict)


def _number(value: float, unit: str) -> str:
    digits = 0 if abs(value) >= 100 or value == int(value) else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{unit if unit in ('', '%', 'x') else f' {unit}'}"
