"""Legal forms (株式会社, (株), 有限公司, Co., Ltd., カブシキガイシャ) at either end of a name."""

import re
from functools import cache
from typing import NamedTuple

from core.names.tables import rows
from core.names.text import compact, fold, normalise

EDGE = r"(?:^|(?<=[^a-z0-9])|(?<=[a-z])(?=(?:co|corp|inc)[.,]))"


class Stripped(NamedTuple):
    core: str
    """The name without legal forms, as it was written."""
    forms: tuple[str, ...]


def _pattern(form: str) -> str:
    """Latin forms with any dots, commas, hyphens and spaces between their words; others as they are."""
    folded = fold(normalise(form))
    if folded.isascii() and folded[0] != "(":
        return r"[\s.,-]*".join(map(re.escape, folded.split())) + r"[.,]*"
    return re.escape(folded)


def _any_of(forms: list[str]) -> str:
    return "|".join(_pattern(form) for form in sorted(forms, key=len, reverse=True))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = rows("legal_forms")
    latin = {row[0] for row in table if row[2] in ("romaji", "en")}
    start = [row[0] for row in table if row[1] == "both"]
    wide, narrow = [f for f in start if f not in latin], [f for f in start if f in latin]
    end_wide, end_narrow = (
        [row[0] for row in table if row[0] not in latin],
        [row[0] for row in table if row[0] in latin],
    )
    first = rf"^[\s.,-]*(?:(?:{_any_of(wide)})[\s,-]*|(?:{_any_of(narrow)})[\s,-]+)"
    last = rf"[\s,.-]*(?:(?:{_any_of(end_wide)})|{EDGE}(?:{_any_of(end_narrow)}))[\s.,)-]*$"
    return re.compile(first), re.compile(last)


def strip(normalised: str) -> Stripped:
    """The core of a normalised name, and the legal forms around it. A name that is nothing but one is kept."""
    folded, core = fold(normalised), normalised
    found: list[str] = []
    first, last = _patterns()
    while True:
        if (match := first.match(folded)) and compact(folded[match.end() :]):
            start, end = match.end(), len(folded)
        elif (match := last.search(folded)) and compact(folded[: match.start()]):
            start, end = 0, match.start()
        else:
            return Stripped(core.strip(" .,-"), tuple(found))
        found.append(compact(match[0]))
        folded, core = folded[start:end], core[start:end]
