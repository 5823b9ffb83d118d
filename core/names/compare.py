"""How alike two names are: one figure for each kind of evidence, between 0 and 1."""

from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein

from core.names import glossary
from core.names.forms import Form
from core.names.romaji import consonants
from core.names.text import loose

EVIDENCE = (
    "same", "same_written", "written", "begins", "contained", "abbreviates", "same_sound", "sound", "spoken", "pinyin", "words_asked",
    "words_held", "rare_words", "core", "core_spoken", "same_core", "initials", "length", "words_both",
)  # fmt: skip
Evidence = tuple[float, ...]


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


def covered(words: tuple[str, ...], by: tuple[str, ...], least: float = 0.0) -> float:
    """The share of the words, by weight, that the others have too; of those that weigh more than `least`."""
    weighed = [(word, weight) for word in words if word and (weight := glossary.weight(word)) > least]
    total = sum(weight for _word, weight in weighed)
    if not total:
        return 0.0
    return sum(weight * max((_alike(word, other) for other in by if other), default=0.0) for word, weight in weighed) / total


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
    if asked.is_latin and asked.folded in held.initials:
        return 1.0
    return 0.8 if held.is_latin and len(held.folded) > 1 and held.folded in asked.initials else 0.0


def compare(asked: Form, held: Form) -> Evidence:
    """What speaks for the name asked being the one held, in the order of `EVIDENCE`."""
    first, second = loose(asked.folded), loose(held.folded)
    same_script = asked.is_latin == held.is_latin
    words, others = (
        (asked.chinese_words, held.chinese_words)
        if covered(asked.chinese_words, held.chinese_words) > covered(asked.words, held.words)
        else (asked.words, held.words)
    )
    asked_covered, held_covered = covered(words, others), covered(others, words)
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
        asked_covered,
        held_covered,
        covered(words, others, 0.5),
        _ratio(asked.core, held.core),
        _ratio(consonants(asked.core), consonants(held.core)) if asked.core and held.core else 0.0,
        float(asked.core == held.core and len(asked.core) > 2),
        _is_initials(asked, held),
        min(len(first), len(second)) / max(len(first), len(second)),
        asked_covered * held_covered,
    )
