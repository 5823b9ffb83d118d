"""What keeps two names from being those of one organization: numbers, places, 病院, HD, 有限会社."""

import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache, lru_cache

from core.names.forms import Form
from core.names.tables import rows
from core.names.text import fold, normalise

NUMBER = re.compile(r"\d+")
COUNTED = re.compile("第([一二三四五六七八九十]+)(?=[号回期次])")
ORDINALS = {"@first": "1", "@second": "2", "@third": "3"}
DIGITS = str.maketrans("一二三四五六七八九", "123456789")


class Conflict(StrEnum):
    NUMBER = "number"
    PLACE = "place"
    LINE = "line"
    LEGAL_FORM = "legal_form"


def _numbers(form: Form) -> frozenset[str]:
    """第三号, 第3号 and Third have one number."""
    counted = (found.translate(DIGITS) for found in COUNTED.findall(form.text))
    return frozenset(
        (*NUMBER.findall(form.text), *counted, *(ORDINALS[word] for word in form.words if word in ORDINALS))
    )


@cache
def _places() -> dict[str, str]:
    """Each spelling and the one that stands for all."""
    wide = {fold(normalise(row[0])): row[0] for row in rows("places")}
    return wide | {row[1]: row[0] for row in rows("places") if len(row) > 1 and row[1]}


@cache
def _place() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _places()), key=len, reverse=True)))


@lru_cache(maxsize=20_000)
def _places_in(folded: str) -> frozenset[str]:
    return frozenset(_places()[found] for found in _place().findall(folded))


@cache
def _blocking() -> frozenset[str]:
    return frozenset(f"@{row[0]}" for row in rows("blocking"))


def legal_families(form: Form) -> frozenset[str]:
    return frozenset(
        family for part, family in rows("legal_families") for written in form.legal if fold(part) in written
    )


def conflicts(first: Form, second: Form) -> Iterator[Conflict]:
    """The reasons against one organization, as far as the two names tell."""
    if _numbers(first) != _numbers(second):
        yield Conflict.NUMBER
    places = _places_in(first.folded), _places_in(second.folded)
    if places[0] and places[1] and places[0].isdisjoint(places[1]):
        yield Conflict.PLACE
    if _blocking() & (set(first.words) ^ set(second.words)):
        yield Conflict.LINE
    families = legal_families(first), legal_families(second)
    if families[0] and families[1] and families[0].isdisjoint(families[1]):
        yield Conflict.LEGAL_FORM
