"""The keys under which a name is stored, and those by which a query finds its candidates.

A key is a kind (one letter) and a text. Rarer keys say more; candidates are those that share most with the query.
"""

from collections.abc import Iterable, Iterator

from core.names.forms import Form
from core.names.text import loose

SAME, PAIR, SOUND, SPOKEN, PINYIN, WORD, INITIALS = "=", "b", "s", "c", "p", "w", "a"


def _grams(kind: str, text: str, size: int) -> Iterator[str]:
    marked = f"^{text}$"
    for at in range(max(1, len(marked) - size + 1)):
        yield kind + marked[at : at + size]


def keys(form: Form) -> Iterator[str]:
    """All keys of one form of a name, some more than once."""
    plain = loose(form.folded)
    yield SAME + plain
    if not form.is_latin:
        yield from _grams(PAIR, plain, 2)
    for sound in form.sounds:
        yield from _grams(SOUND, sound, 3)
    yield from _grams(SPOKEN, form.consonants, 3)
    yield from (WORD + word for word in (*form.words, *form.chinese_words) if word)
    yield from (INITIALS + initials for initials in form.initials)
    if form.pinyin:
        yield from _grams(PINYIN, form.pinyin, 4)


def stored_keys(forms: Iterable[Form]) -> list[str]:
    """What an organization with these names is found by, each key once."""
    found = dict.fromkeys(key for form in forms for key in keys(form) if not (form.is_latin and key[0] == PINYIN))
    return list(found)


def query_keys(forms: Iterable[Form]) -> list[str]:
    """What a query asks for. Short Latin queries may be initials."""
    found = dict.fromkeys(key for form in forms for key in keys(form))
    found.update(dict.fromkeys(INITIALS + form.folded for form in forms if form.is_latin and len(form.folded) <= 8))
    return list(found)


