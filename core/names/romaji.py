"""Latin spellings of one sound in one form: Hepburn, Kunrei, English words as Japan says them."""

import re
from functools import cache, lru_cache

from core.names.tables import rows

OTHER = re.compile("[^a-z0-9]+")
REPEATED = re.compile(r"([a-z])\1+")
REPEATED_BUT_NASAL = re.compile(r"([a-lo-z])\1+")
SILENT_R = re.compile("r(?=[^aeiouyr]|$)")
VOWELS = re.compile("(?<!^)[aeiouyw]+")


@cache
def _table() -> tuple[tuple[str, str], ...]:
    return tuple((row[0], row[1]) for row in rows("romaji"))


def _replaced(text: str) -> str:
    text = REPEATED_BUT_NASAL.sub(r"\1", text)
    for letters, become in _table():
        text = text.replace(letters, become)
    return REPEATED.sub(r"\1", text)


@lru_cache(maxsize=100_000)
def sound(latin: str) -> str:
    """The form in which romaji spellings of one reading agree. Equal sounds may suggest, they never decide.

    >>> sound("Ohno") == sound("Oono") == sound("ono")
    True
    """
    return _replaced(OTHER.sub("", latin.lower()))


@lru_cache(maxsize=100_000)
def consonants(latin: str) -> str:
    """What English words and their katakana share: `digital` and `dejitaru`.

    The first vowel counts as one of all, `r` without a vowel behind it is not heard.
    """
    text = sound(SILENT_R.sub("", OTHER.sub("", latin.lower()).replace("di", "de")))
    text = VOWELS.sub("", text.replace("gi", "zi").replace("ge", "ze"))
    text = "a" + text[1:] if text[:1] in tuple("aeiou") else text
    return REPEATED.sub(r"\1", text.replace("m", "n"))
