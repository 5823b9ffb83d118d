"""How Japanese words are read: SudachiPy with its dictionary, loaded when the first name asks for it."""

from functools import cache, lru_cache
from typing import NamedTuple

from sudachipy import Dictionary, Morpheme, SplitMode
from sudachipy.tokenizer import Tokenizer

from core.names.kana import romaji, spelled
from core.names.text import WIDE, japanese


class Word(NamedTuple):
    text: str
    reading: str
    """In Latin letters, as the kana says it."""


@cache
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="core").tokenizer(mode=SplitMode.A)


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[Word, ...]:
    """The words of a normalised text, each with its reading; spaces and signs are left out."""
    found = _tokenizer().tokenize(japanese(text))
    return tuple(
        Word(text[word.begin() : word.end()], _reading(word)) for word in found if any(map(str.isalnum, word.surface()))
    )


def _reading(word: Morpheme) -> str:
    surface, reading = str(word.surface()), str(word.reading_form())
    if not WIDE.search(surface):
        return surface
    return romaji(reading or surface)


def spoken(latin: str) -> str:
    """Letters that are named one by one: nec, ntt."""
    return romaji(spelled(latin))
