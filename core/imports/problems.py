"""What is wrong in a file: at a row and a column, in words of the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import get_language

MOST_KEPT = 1000


def visible(text: str) -> str:
    """With a sign for NUL, which PostgreSQL does not store and nobody would see."""
    return text.replace("\x00", "␀")


def in_reader_language(texts: Mapping[str, str]) -> str:
    """The text for the active language, of one that was stored in all of them."""
    return texts.get(get_language() or settings.LANGUAGE_CODE) or texts.get(settings.LANGUAGE_CODE, "")


def in_all_languages(error: ValidationError) -> dict[str, str]:
    """Who reads it may have another language than who ran the check."""
    texts = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts[code] = visible(" ".join(str(message) for message in error.messages))
    return texts


@dataclass(frozen=True)
class Problem:
    """`row` 0: the file as a whole; `column` -1: the row as a whole. `texts` by language."""

    row: int
    column: int
    heading: str
    code: str
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: int, column: int, headings: list[str], error: ValidationError) -> "Problem":
        heading = visible(headings[column]) if 0 <= column < len(headings) else ""
        return cls(row, column, heading, str(getattr(error, "code", "") or ""), in_all_languages(error))

    @property
    def text(self) -> str:
        return in_reader_language(self.texts)

    def as_json(self) -> dict[str, Any]:
        return vars(self)
