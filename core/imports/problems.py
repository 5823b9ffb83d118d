"""What is wrong in a file: at a row and a column, in words of the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

MOST_KEPT = 1000


def in_reader_language(texts: Mapping[str, str]) -> str:
    """The text for the active language, of one that was stored in all of them."""
    return texts.get(get_language() or settings.LANGUAGE_CODE) or texts.get(settings.LANGUAGE_CODE, "")


@dataclass(frozen=True)
class Problem:
    """`row` 0: the file as a whole; `column` -1: the row as a whole. `texts` by language."""

    row: int
    column: int
    heading: str
    code: str
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return in_reader_language(self.texts)

    def as_json(self) -> dict[str, Any]:
        return vars(self)
