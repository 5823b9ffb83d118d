"""Business words that mean the same in English, Japanese and Chinese, each as one concept."""

from functools import cache

from core.names.tables import rows
from core.names.text import fold, normalise

LONGEST = 4
"""Words of a phrase in Latin letters; words of the Japanese dictionary in one of ours."""
WEIGHTS = {"0": 0.1, "1": 0.2, "2": 0.5}
EMPTY = WEIGHTS["0"]


@cache
def _concepts() -> tuple[dict[tuple[str, ...], str], dict[str, str], dict[str, float]]:
    latin: dict[tuple[str, ...], str] = {}
    wide: dict[str, str] = {}
    weights: dict[str, float] = {}
    for concept, weight, phrases, words in rows("glossary"):
        weights[f"@{concept}"] = WEIGHTS[weight]
        latin.update({tuple(phrase.split()): f"@{concept}" for phrase in phrases.split(",") if phrase})
        wide.update({fold(normalise(word)): f"@{concept}" for word in words.split(",") if word})
    return latin, wide, weights


def of_latin(phrase: tuple[str, ...]) -> str:
    """The concept of a phrase in Latin letters, or nothing."""
    return _concepts()[0].get(phrase, "")


def of_wide(folded: str) -> str:
    """The concept of a folded word in Chinese characters or kana, or nothing."""
    return _concepts()[1].get(folded, "")


def weight(token: str) -> float:
    """What it says that two names share this word: 1 for a word that is in no table."""
    known = _concepts()[2].get(token)
    return known if known is not None else min(1.0, 0.4 + 0.15 * len(token))


def is_concept(token: str) -> bool:
    return token.startswith("@")


def gist(words: tuple[str, ...]) -> str:
    """The words that say which organization is meant, in any order: the same of 明治 and 明治ホールディングス."""
    telling = {word for word in words if word and weight(word) > EMPTY} or {word for word in words if word}
    return " ".join(sorted(telling))
