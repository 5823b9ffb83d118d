"""Kana in Latin letters, and Latin letters as Japanese speakers spell them."""

import re
from functools import cache

from core.names.tables import rows
from core.names.text import KATAKANA


@cache
def _table() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {row[0]: row[1] for row in rows("kana")}
    return re.compile("|".join(sorted(table, key=len, reverse=True))), table


def romaji(kana: str) -> str:
    """Hepburn, with long vowels written out as in the kana.

    >>> romaji("ニッポンデンキ")
    'nippondenki'
    """
    pattern, table = _table()
    text = pattern.sub(lambda match: table[match[0]], kana.translate(KATAKANA))
    text = re.sub("ッ+(.)", lambda match: match[1] * 2, text)
    return re.sub("[ーッ゛゜]", "", text)


@cache
def _letters() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("letters")}


def spelled(letters: str) -> str:
    """nec: エヌイーシー. Digits and other signs stay."""
    return "".join(_letters().get(letter, letter) for letter in letters)
