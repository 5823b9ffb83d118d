"""One form for all ways to write the same characters: width, case, hyphens, dots, accents, kana, Han characters."""

import re
import unicodedata
from functools import cache

from opencc import OpenCC

from core.names.tables import rows

HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣⁃"), "-")
DOTS = dict.fromkeys(map(ord, "・·‧･•∙⋅●"), " ")
QUOTES = dict.fromkeys(map(ord, "’‘`´ʼ'ʻ"), "'") | dict.fromkeys(map(ord, '“”"「」『』'), " ")
BRACKETS = {ord(sign): "(" for sign in "【〈《[{〔"} | {ord(sign): ")" for sign in "】〉》]}〕"}
SIGNS = {**HYPHENS, **DOTS, **QUOTES, **BRACKETS}
ACCENTS = re.compile("[\u0300-\u036f]")
SPACES = re.compile(r"\s+")
KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
SMALL = str.maketrans("ァィゥェォャュョッヮヵヶ", "アイウエオヤユヨツワカケ")

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HAN_ONLY = re.compile(f"[{HAN}]+")
KANA = re.compile("[\u3041-\u309f\u30a1-\u30fa]")
KANA_ONLY = re.compile("[\u3041-\u309f\u30a1-\u30ff\\s-]+")
WIDE = re.compile(f"[{HAN}\u3041-\u30ff]")


def normalise(name: str) -> str:
    """NFKC, lower case, no accents, one kind of hyphen, bracket and space; middle dots are spaces."""
    text = unicodedata.normalize("NFKC", name.translate(SIGNS)).casefold().translate(SIGNS)
    if not text.isascii():
        text = unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", text)))
    return SPACES.sub(" ", text).strip()


@cache
def _converters() -> tuple[OpenCC, ...]:
    return tuple(OpenCC(way) for way in ("jp2t", "t2s", "s2t", "t2jp"))


def _converted(character: str, *ways: int) -> str:
    for way in ways:
        changed = str(_converters()[way].convert(character))
        character = changed if len(changed) == 1 else character
    return character


class _Folded(dict[int, str]):
    """For `str.translate`: the one form of each character, so that a text keeps its length."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if HAN_ONLY.match(character):
            character = _converted(_variants().get(character, character), 0, 1)
            character = _variants().get(character, character)
        self[code] = character.translate(KATAKANA)
        return self[code]


@cache
def _variants() -> dict[str, str]:
    return {row[0]: row[1] for row in rows("variants")}


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Of a normalised text: every Han character in one form, hiragana as katakana. Position by position.

    >>> fold("日本電気") == fold("日本电气") == fold("日本電氣")
    True
    """
    return text if text.isascii() else text.translate(_FOLDED)


class _Japanese(dict[int, str]):
    """Characters that Japan does not use, in the form that it uses."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if HAN_ONLY.match(character) and not _in_japanese_use(character):
            character = _converted(character, 2, 3)
        self[code] = character
        return character


def _in_japanese_use(character: str) -> bool:
    """Whether it is among the 2,965 most used of JIS X 0208; the rest holds many that are Simplified, too."""
    try:
        return b"\x88\x9f" <= character.encode("cp932") <= b"\x98\x72"
    except UnicodeEncodeError:
        return False


_JAPANESE = _Japanese()


def japanese(text: str) -> str:
    """Simplified characters as Japanese readers know them (电气: 電気), so that a dictionary can read them."""
    return text.translate(_JAPANESE)


def compact(text: str) -> str:
    """Letters, digits and kana alone."""
    return "".join(character for character in text if character.isalnum())


def loose(folded: str) -> str:
    """Without what is often left out or exchanged: long vowel marks and small kana."""
    return folded.replace("ー", "").translate(SMALL)
