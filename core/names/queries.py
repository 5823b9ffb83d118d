"""What may be meant by a name as it was typed: all of it, a part in brackets, the name without department or 御中."""

import re
from functools import cache

from core.names.tables import rows
from core.names.text import compact, normalise

BRACKETED = re.compile(r"\(([^()]*)\)")
LONGEST_LIST = 5


@cache
def _endings() -> tuple[str, ...]:
    return tuple(row[0] for row in rows("addressed"))


def _is_addressed(word: str) -> bool:
    return any(word == ending or (not ending.isascii() and word.endswith(ending)) for ending in _endings())


def without_address(text: str) -> str:
    """The name without words for a department, a branch or an addressee behind it."""
    words = text.split(" ")
    while len(words) > 1 and _is_addressed(words[-1].strip(".,")):
        words.pop()
    return " ".join(words)


def readings(name: str) -> tuple[str, ...]:
    """The ways to understand what was typed, the most literal first."""
    text = normalise(name)
    outside, inside = BRACKETED.sub(" ", text).strip(), BRACKETED.findall(text)
    found = [text, outside, *inside] if inside else [text]
    ways = [way for part in found for way in (part, without_address(part))]
    return tuple(dict.fromkeys(" ".join(way.split()) for way in ways if compact(way)))[:LONGEST_LIST]
