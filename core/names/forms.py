"""A name in all the forms in which it is compared: characters, sound, pinyin, words, initials."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from core.names import glossary
from core.names.legal import strip
from core.names.pinyin import pinyin
from core.names.readings import Word, spoken, words
from core.names.romaji import consonants, sound
from core.names.text import HAN_ONLY, KANA_ONLY, WIDE, compact, fold, normalise

LATIN_WORD = re.compile("[a-z0-9]+")
LATIN_IN_WIDE = re.compile("[a-z]{2,6}")
SMALL_WORDS = frozenset("the of for and in on at to de la du le a an und et von by with".split())  # noqa: SIM905
LONGEST_SPELLED = 5


class Form(NamedTuple):
    text: str
    """The normalised name without legal forms."""
    folded: str
    """Its letters and characters in one form each."""
    sounds: tuple[str, ...]
    """As Japan says it, folded: letters named one by one, then read as a word."""
    consonants: str
    pinyin: str
    """Of Chinese characters, or the Latin letters themselves."""
    words: tuple[str, ...]
    """Concepts of the glossary, and the sounds of other words."""
    chinese_words: tuple[str, ...]
    gists: tuple[str, ...]
    """Its telling words in alphabetical order, as Japanese and as Chinese."""
    core: str
    """The sounds of the words that are no concepts, joined."""
    initials: tuple[str, ...]
    legal: tuple[str, ...]
    is_latin: bool


@lru_cache(maxsize=50_000)
def form(name: str) -> Form:
    """All forms of one name. Raises ValueError where it has no letter at all."""
    text, legal = strip(normalise(name))
    folded = compact(fold(text))
    if not folded:
        raise ValueError("A name needs a letter or a digit.")
    return _wide(text, folded, legal) if WIDE.search(text) else _latin(text, folded, legal)


# -- names in Latin letters -------------------------------------------------------------------------------------------


def latin_words(text: str) -> tuple[str, ...]:
    """Small words and apostrophes are left out."""
    found = LATIN_WORD.findall(text.replace("'", ""))
    return tuple(word for word in found if word not in SMALL_WORDS) or tuple(found)


def _concepts(parts: tuple[str, ...], *, latin: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(concept or nothing, the parts that it covers), the longest first."""
    at = 0
    while at < len(parts):
        for size in range(min(glossary.LONGEST, len(parts) - at), 0, -1):
            covered = parts[at : at + size]
            concept = glossary.of_latin(covered) if latin else glossary.of_wide("".join(covered))
            if concept or size == 1:
                yield concept, covered
                at += size
                break


def _latin(text: str, folded: str, legal: tuple[str, ...]) -> Form:
    parts = latin_words(text)
    found = [(concept, "".join(covered)) for concept, covered in _concepts(parts, latin=True)]
    tokens = tuple(concept or sound(word) for concept, word in found)
    whole = sound(text)
    spelled = len(folded) <= LONGEST_SPELLED and folded.isalpha()
    return Form(
        text=text,
        folded=folded,
        sounds=(whole, sound(spoken(folded))) if spelled else (whole,),
        consonants=consonants(text),
        pinyin=folded,
        words=tokens,
        chinese_words=tokens,
        gists=(glossary.gist(tokens),),
        core=sound("".join(word for concept, word in found if not concept)),
        initials=_initials(text, parts),
        legal=legal,
        is_latin=True,
    )


def _initials(text: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """Of all words, and of those that are no small ones."""
    every = "".join(word[0] for word in LATIN_WORD.findall(text.replace("'", "")))
    return tuple(dict.fromkeys(found for found in ("".join(word[0] for word in parts), every) if len(found) > 1))


# -- names in Chinese characters and kana -----------------------------------------------------------------------------


def _wide(text: str, folded: str, legal: tuple[str, ...]) -> Form:
    read = words(text)
    plain = KANA_ONLY.fullmatch(text) is not None
    segments = list(_segments(read))
    rest = [word for concept, covered in segments if not concept for word in covered]
    latin = "".join(LATIN_WORD.findall(text))
    sounds = dict.fromkeys(
        (sound("".join(_named(word) for word in read)), sound("".join(word.reading for word in read)))
    )
    tokens = tuple(_tokens(segments))
    chinese = tuple(_chinese_tokens(segments)) if HAN_ONLY.search(folded) else ()
    return Form(
        text=text,
        folded=folded,
        sounds=tuple(sounds),
        consonants=consonants("".join(word.reading for word in read)),
        pinyin="" if plain else pinyin(compact(text)),
        words=tokens,
        chinese_words=chinese,
        gists=tuple(dict.fromkeys(glossary.gist(found) for found in (tokens, chinese) if found)),
        core=sound("".join(word.reading for word in rest)),
        initials=tuple(dict.fromkeys(word for word in (*LATIN_IN_WIDE.findall(text), latin) if _may_be_initials(word))),
        legal=legal,
        is_latin=False,
    )


def _may_be_initials(word: str) -> bool:
    return len(word) > 1 and not glossary.of_latin((word,))


def _named(word: Word) -> str:
    return (
        spoken(word.text)
        if word.text.isascii() and word.text.isalpha() and len(word.text) <= LONGEST_SPELLED
        else word.reading
    )


def _segments(read: tuple[Word, ...]) -> Iterator[tuple[str, tuple[Word, ...]]]:
    """(concept or nothing, the words that it covers)."""
    folded = tuple(fold(word.text) for word in read)
    at = 0
    for concept, covered in _concepts(folded, latin=False):
        words_here = read[at : at + len(covered)]
        yield concept or glossary.of_latin((words_here[0].text,)), words_here
        at += len(covered)


def _tokens(segments: list[tuple[str, tuple[Word, ...]]]) -> Iterator[str]:
    for concept, covered in segments:
        yield concept or sound("".join(word.reading for word in covered))


def _chinese_tokens(segments: list[tuple[str, tuple[Word, ...]]]) -> Iterator[str]:
    """Words between two concepts are one, as nothing tells where Chinese words end."""
    run = ""
    for concept, covered in [*segments, ("@", ())]:
        if not concept:
            run += "".join(word.text for word in covered)
            continue
        if run:
            yield sound(pinyin(run))
            run = ""
        if covered:
            yield concept
