"""Names of people: titles stripped, family and given name in either order, kanji, kana and any romaji."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from core.names.forms import Form
from core.names.pinyin import pinyin
from core.names.readings import words
from core.names.romaji import consonants, sound
from core.names.tables import rows
from core.names.text import HAN_ONLY, WIDE, compact, fold, normalise

PARTS = re.compile("[a-z0-9']+")


@cache
def _titles() -> tuple[tuple[str, ...], frozenset[str], frozenset[str]]:
    """Titles that may be glued to a name, those behind it, and those before it."""
    table = [(fold(normalise(row[0])), row[1]) for row in rows("honorifics")]
    glued = sorted((title for title, _where in table if not title.isascii()), key=len, reverse=True)
    return (
        tuple(glued),
        frozenset(title for title, _where in table),
        frozenset(t for t, where in table if where == "both"),
    )


def without_titles(text: str) -> str:
    """Of a normalised name. A title that is all there is stays: it is a name then."""
    glued, behind, before = _titles()
    parts = [part for part in re.split("([\\s]+)", text) if part.strip()]
    while len(parts) > 1 and fold(parts[-1].strip(".,")) in behind:
        parts.pop()
    while len(parts) > 1 and parts[0].strip(".,") in before:
        parts.pop(0)
    rest = " ".join(parts)
    ending = next((title for title in glued if fold(rest).endswith(title) and len(compact(rest)) > len(title) + 1), "")
    return rest.removesuffix(rest[len(rest) - len(ending) :]).strip() if ending else rest


def _orders(parts: list[str]) -> Iterator[str]:
    yield "".join(parts)
    if len(parts) > 1:
        yield "".join([*parts[1:], parts[0]])
        yield "".join([parts[-1], *parts[:-1]])


@lru_cache(maxsize=50_000)
def person_form(name: str) -> Form:
    """All forms of a person's name. Raises ValueError where it has no letter at all."""
    text = without_titles(normalise(name))
    folded = compact(fold(text))
    if not folded:
        raise ValueError("A name needs a letter.")
    return _wide(text, folded) if WIDE.search(text) else _latin(text, folded)


def _latin(text: str, folded: str) -> Form:
    parts = PARTS.findall(text)
    orders = tuple(dict.fromkeys(_orders(parts)))
    sounds = tuple(dict.fromkeys(map(sound, orders)))
    return _form(text, folded, sounds, tuple(map(sound, parts)), folded, is_latin=True)


def _wide(text: str, folded: str) -> Form:
    read = words(text)
    readings = tuple(word.reading for word in read)
    sounds = (sound("".join(readings)),)
    parts = tuple(sound(reading) for reading in readings)
    pairs = tuple(sound(first + second) for first, second in pairwise(readings)) if len(readings) > 2 else ()
    return _form(
        text, folded, sounds, (*parts, *pairs), pinyin(compact(text)) if HAN_ONLY.search(text) else "", is_latin=False
    )


def _form(
    text: str, folded: str, sounds: tuple[str, ...], parts: tuple[str, ...], letters: str, *, is_latin: bool
) -> Form:
    return Form(
        text=text,
        folded=folded,
        sounds=sounds,
        consonants=consonants(sounds[0]),
        pinyin=letters,
        words=parts,
        chinese_words=(),
        gists=(" ".join(sorted(parts)),),
        core="",
        initials=(),
        legal=(),
        is_latin=is_latin,
    )
