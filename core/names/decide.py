"""What follows from ranked candidates: link by itself, suggest to a person, or nothing.

Equal official numbers decide and different ones veto, whatever the names say. Without numbers only a name equal in
every character (folded, without legal form) links, if no other candidate has it and nothing is in conflict. A sound
alone may suggest: 神鋼商事 and 新光商事 are both Shinkō Shōji.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from core.names.conflicts import conflicts
from core.names.forms import Form
from core.names.rank import COLUMNS, ORGANIZATIONS, PEOPLE, Ranked, Subject

SUGGESTED_FROM = 0.65
"""The least chance of a suggestion; measured by `make bench-names`."""
SHORTEST_LATIN = 3
SAME = COLUMNS.index("same")


class Decision(StrEnum):
    LINK = "link"
    SUGGEST = "suggest"
    NOTHING = "nothing"


class Numbers(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


def compare_numbers(first: Iterable[str], second: Iterable[str]) -> Numbers:
    """Of official numbers of one kind each, in one order; empty ones are not known."""
    known = [(one, other) for one, other in zip(first, second, strict=True) if one and other]
    if any(one != other for one, other in known):
        return Numbers.DIFFERENT
    return Numbers.SAME if known else Numbers.UNKNOWN


def decide(
    query: str, ranked: Sequence[Ranked], numbers: Numbers = Numbers.UNKNOWN, subject: Subject = ORGANIZATIONS
) -> Decision:
    """What follows for the best candidate. `numbers` compares its official numbers with those known of the query.

    People are never linked by name alone: there are many 田中実.
    """
    if not ranked or numbers is Numbers.DIFFERENT:
        return Decision.NOTHING
    if numbers is Numbers.SAME:
        return Decision.LINK
    if subject is PEOPLE:
        return Decision.SUGGEST if ranked[0].score >= SUGGESTED_FROM else Decision.NOTHING
    return _by_name(ORGANIZATIONS.asked(query), ranked)


def _by_name(asked: Sequence[Form], ranked: Sequence[Ranked]) -> Decision:
    best = ranked[0]
    free = [one for one in asked if not any(any(conflicts(one, held)) for held in ORGANIZATIONS.held(best.name))]
    if not free:
        return Decision.NOTHING
    if _is_only_same(ranked) and any(_same_letters(one, best.name) for one in free):
        return Decision.LINK
    return Decision.SUGGEST if best.score >= SUGGESTED_FROM else Decision.NOTHING


def _is_only_same(ranked: Sequence[Ranked]) -> bool:
    return sum(one.evidence[SAME] == 1 for one in ranked) == 1 and ranked[0].evidence[SAME] == 1


def _same_letters(asked: Form, name: str) -> bool:
    """One Latin word decides only with its legal form: Fuji Co., Ltd. is not Fuji Corporation."""
    enough = len(asked.folded) >= SHORTEST_LATIN if asked.is_latin else len(asked.folded) > 1
    same = (held for held in ORGANIZATIONS.held(name) if held.folded == asked.folded)
    return enough and any(not asked.is_latin or len(asked.words) > 1 or asked.legal == held.legal for held in same)
