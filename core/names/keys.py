"""The keys under which a name is stored, and those by which a query finds its candidates.

A key is a kind (one letter) and a text. Rarer keys say more; candidates are those that share most with the query.
"""

from collections.abc import Iterable, Iterator, Mapping

from core.names.forms import Form
from core.names.romaji import consonants
from core.names.text import loose

SAME, PAIR, SOUND, SPOKEN, PINYIN, WORD, INITIALS, GIST = "=", "b", "s", "c", "p", "w", "a", "g"
SAYS = {SAME: 3.0, PAIR: 1.5, SOUND: 1.0, SPOKEN: 0.5, PINYIN: 0.7, WORD: 2.0, INITIALS: 3.0, GIST: 4.0}
BUSINESS_WORD = 0.3
LONGEST_INITIALS = 8


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
    yield from (GIST + gist for gist in form.gists if gist)
    for sound in dict.fromkeys((*form.sounds, form.core)):
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


def query_keys(forms: Iterable[Form]) -> dict[str, float]:
    """What a query asks for, and how much it says that a name has the key, beside how rare the key is.

    Short Latin queries may be initials. The sound of business words counts little, as these are asked for as words.
    """
    found: dict[str, float] = {}
    for form in forms:
        telling = _telling(form)
        for key in keys(form):
            found[key] = SAYS[key[0]] * (1.0 if telling is None or key in telling else BUSINESS_WORD)
        if form.is_latin and len(form.folded) <= LONGEST_INITIALS:
            found[INITIALS + form.folded] = SAYS[INITIALS]
    return found


def _telling(form: Form) -> frozenset[str] | None:
    """The keys that count in full, where the name has words of the glossary beside others."""
    if not form.core or form.core in form.sounds:
        return None
    sounds = frozenset((*_grams(SOUND, form.core, 3), *_grams(SPOKEN, consonants(form.core), 3)))
    return sounds | {key for key in keys(form) if key[0] not in (SOUND, SPOKEN)}


def rarest(counts: Mapping[str, int], most_rows: int) -> list[str]:
    """Of the keys, by how many organizations have each: the rarest, as long as they have so many rows together.

    Reading the rows of common keys costs the most and tells the least. What candidates share beside is worked out from
    their names (`strength`).
    """
    chosen: list[str] = []
    rows = 0
    for key in sorted(counts, key=lambda key: counts[key]):
        rows += counts[key]
        if chosen and rows > most_rows:
            break
        chosen.append(key)
    return chosen


def strength(held: Iterable[Form], weights: Mapping[str, float]) -> float:
    """The weight of the keys that an organization with these names shares with the query."""
    return sum(weights.get(key, 0.0) for key in stored_keys(held))
