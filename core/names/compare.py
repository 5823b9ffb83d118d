"""How alike two names are: one figure for each kind of evidence, between 0 and 1."""

from functools import lru_cache
from operator import mul

from rapidfuzz.distance import JaroWinkler, Levenshtein

from core.names import glossary
from core.names.forms import Form
from core.names.romaji import consonants
from core.names.text import loose

EVIDENCE = (
    "same", "same_written", "written", "begins", "contained", "abbreviates", "same_sound", "sound", "spoken",
    "pinyin", "words_asked", "words_held", "rare_words", "core", "core_spoken", "same_core", "initials", "length",
    "words_both", "same_gist",
)  # fmt: skip
Evidence = tuple[float, ...]
RARE = 0.5
LONGEST_INITIALS = 8


def _ratio(first: str, second: str) -> float:
    return Levenshtein.normalized_similarity(first, second) if first and second else 0.0


def _best(firsts: tuple[str, ...], seconds: tuple[str, ...]) -> float:
    return max((_ratio(first, second) for first in firsts for second in seconds), default=0.0)


@lru_cache(maxsize=200_000)
def _alike(first: str, second: str) -> float:
    """Two words: 1 for the same, less for the same consonants or a slip of the pen, 0 for others."""
    if first == second:
        return 1.0
    if glossary.is_concept(first) or glossary.is_concept(second) or min(len(first), len(second)) < 3:
        return 0.0
    spoken = consonants(first), consonants(second)
    if spoken[0] == spoken[1] and len(spoken[0]) > 2:
        return 0.9
    ratio = Levenshtein.normalized_similarity(first, second)
    return ratio if ratio >= 0.75 else 0.0


@lru_cache(maxsize=100_000)
def _weights(words: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(glossary.weight(word) if word else 0.0 for word in words)


@lru_cache(maxsize=100_000)
def _matches(words: tuple[str, ...], others: tuple[str, ...]) -> tuple[float, float, float]:
    """The share of the first words, by weight, that the others have too; of the others; of rare first words."""
    table = [[_alike(word, other) for other in others] for word in words]
    held = [max(row, default=0.0) for row in table]
    asked = [max(column) for column in zip(*table, strict=True)] if table else []
    weights = _weights(words)
    rare = tuple(weight if weight > RARE else 0.0 for weight in weights)
    return _share(weights, held), _share(_weights(others), asked), _share(rare, held)


def _share(weights: tuple[float, ...], found: list[float]) -> float:
    total = sum(weights)
    return sum(map(mul, weights, found)) / total if total else 0.0


def _begins(first: str, second: str) -> float:
    short, long = sorted((first, second), key=len)
    return len(short) / len(long) if len(short) > 1 and long.startswith(short) else 0.0


def _contained(first: str, second: str) -> float:
    short, long = sorted((first, second), key=len)
    return len(short) / len(long) if len(short) > 1 and short in long else 0.0


def _abbreviates(asked: str, held: str) -> float:
    """日電 for 日本電気: the characters in their order, the first one first."""
    if not 1 < len(asked) < len(held) or asked[0] != held[0]:
        return 0.0
    rest = iter(held)
    return len(asked) / len(held) if all(character in rest for character in asked) else 0.0


def _is_initials(asked: Form, held: Form) -> float:
    if asked.is_latin and 1 < len(asked.folded) <= LONGEST_INITIALS:
        return max((_ratio(asked.folded, initials) for initials in held.initials), default=0.0)
    return 0.8 if held.is_latin and len(held.folded) > 1 and held.folded in asked.initials else 0.0


def _words(asked: Form, held: Form) -> tuple[float, float, float]:
    """As Japanese words or as Chinese ones, whichever fit better."""
    japanese = _matches(asked.words, held.words)
    if not (asked.chinese_words and held.chinese_words):
        return japanese
    return max(japanese, _matches(asked.chinese_words, held.chinese_words))


def compare(asked: Form, held: Form) -> Evidence:
    """What speaks for the name asked being the one held, in the order of `EVIDENCE`."""
    first, second = loose(asked.folded), loose(held.folded)
    same_script = asked.is_latin == held.is_latin
    held_words, asked_words, rare = _words(asked, held)
    sound = _best(asked.sounds, held.sounds)
    return (
        float(first == second),
        float(asked.folded == held.folded),
        _ratio(first, second) if same_script else 0.0,
        _begins(first, second),
        _contained(first, second),
        _abbreviates(first, second) if not asked.is_latin else 0.0,
        float(sound == 1.0),
        sound,
        JaroWinkler.similarity(asked.consonants, held.consonants) if asked.consonants and held.consonants else 0.0,
        _ratio(asked.pinyin, held.pinyin) if not same_script else 0.0,
        held_words,
        asked_words,
        rare,
        _ratio(asked.core, held.core),
        _ratio(consonants(asked.core), consonants(held.core)) if asked.core and held.core else 0.0,
        float(asked.core == held.core and len(asked.core) > 2),
        _is_initials(asked, held),
        min(len(first), len(second)) / max(len(first), len(second)),
        held_words * asked_words,
        float(not set(asked.gists).isdisjoint(held.gists)),
    )
