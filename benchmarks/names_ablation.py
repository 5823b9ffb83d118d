"""What each rule of `core.names` brings: `python -m benchmarks.names_ablation` measures without one rule at a time.

Means of recall at 1 and 5 over the kinds of query (EACH=40 of each), Japanese organizations, warm and cold; HALF=kept
as in `benchmarks.names`.
"""

import statistics
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

from benchmarks import names as bench
from benchmarks import names_data
from core.names import compare, conflicts, forms, glossary, keys, people, rank, readings, romaji, text
from core.names.legal import Stripped

Change = tuple[object, str, object]
CACHED = (
    forms.form, romaji.sound, romaji.consonants, readings.words, people.person_form, compare._alike, compare._matches,
    compare._weights, conflicts._places_in,
)  # fmt: skip


def plain_letters(latin: str) -> str:
    return romaji.OTHER.sub("", latin.lower())


def by_strength(query: str, candidates: list[rank.Candidate], whole: float, subject: rank.Subject) -> list[rank.Ranked]:
    evidence = (0.0,) * len(rank.COLUMNS)
    return [rank.Ranked(one.id, 0.0, rank.Reason.SIMILAR_NAME, "", evidence, one.strength) for one in candidates]


WHOLE_ONLY = rank.ORGANIZATIONS._replace(readings=lambda name: (text.normalise(name),))
WITHOUT: dict[str, list[Change]] = {
    "(nothing)": [],
    "forms of Han characters": [(forms, "fold", lambda found: found.translate(text.KATAKANA))],
    "legal forms": [(forms, "strip", lambda found: Stripped(found, ()))],
    "readings": [(readings, "_reading", lambda word: word.surface())],
    "folding of romaji": [(forms, "sound", plain_letters), (compare, "consonants", plain_letters)],
    "consonants": [(forms, "consonants", lambda latin: "")],
    "glossary": [(glossary, "of_latin", lambda phrase: ""), (glossary, "of_wide", lambda folded: "")],
    "telling words together": [(glossary, "gist", lambda words: "")],
    "parts in brackets, departments": [(bench, "SUBJECTS", {"orgs_ja": WHOLE_ONLY})],
    "weights of keys by kind": [(keys, "SAYS", dict.fromkeys(keys.SAYS, 1.0)), (keys, "BUSINESS_WORD", 1.0)],
    "learned ranking": [(names_data, "rank", by_strength)],
}


@contextmanager
def without(changes: list[Change]) -> Iterator[None]:
    for cached in CACHED:
        cached.cache_clear()
    with ExitStack() as stack:
        for module, name, value in changes:
            stack.enter_context(patch.object(module, name, value))
        yield


def tallies(*, warm: bool) -> dict[str, bench.Tally]:
    return bench.ran("orgs_ja", warm=warm)[0]


def means(measure: Callable[[], dict[str, bench.Tally]]) -> tuple[float, float]:
    counted = [tally for kind, tally in measure().items() if kind not in bench.LEFT_OUT]
    first, among_five = ([getattr(t, what) / t.asked for t in counted] for what in ("first", "among_five"))
    return statistics.mean(first), statistics.mean(among_five)


def main() -> None:
    print(f"{'without':34s} warm          cold")
    for name, changes in WITHOUT.items():
        with without(changes):
            figures = [f"{value:.3f}" for warm in (True, False) for value in means(partial(tallies, warm=warm))]
        print(f"{name:34s} {'  '.join(figures)}", flush=True)


if __name__ == "__main__":
    main()
