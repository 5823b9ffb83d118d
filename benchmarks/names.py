"""`make bench-names`: how well names are matched, by kind of query, cold and warm; what links by itself; how fast.

NAMES_DATA=folder says where the names are (see `benchmarks.names_data`), EACH=100 how many queries of each kind,
HALF=all|kept which organizations: `kept` are those that the ranking was not learned from.
"""

import os
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.names_data import SUBJECTS, Index, Query, folder, names, queries, read
from core.names.decide import Decision, decide
from core.names.rank import Ranked, rank

LEFT_OUT = {"acronym", "former_ja", "zh_real_opaque"}
"""Kinds that the names alone cannot tell, and that the averages leave out."""
KINDS = {"orgs_ja": "organizations, Japanese", "orgs_zh": "organizations, Chinese", "people_ja": "people"}


@dataclass
class Tally:
    """What came of the queries of one kind."""

    asked: int = 0
    first: int = 0
    among_five: int = 0
    made: dict[Decision, int] = field(default_factory=lambda: defaultdict(int))
    right: dict[Decision, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, query: Query, ranked: list[Ranked], decision: Decision) -> None:
        hits = [one.id in query.targets for one in ranked]
        self.asked += 1
        self.first += any(hits[:1])
        self.among_five += any(hits[:5])
        self.made[decision] += 1
        self.right[decision] += any(hits[:1])


def is_kept_back(query: Query) -> bool:
    from benchmarks.names_training import is_kept_back as kept  # noqa: PLC0415  it needs numpy, this does not

    return any(map(kept, query.targets))


def chosen(kind: str, *, warm: bool) -> Iterator[Query]:
    each, kept = int(os.environ.get("EACH") or 10**9), os.environ.get("HALF") == "kept"
    found = [query for query in queries(f"bench_{kind}.csv") if warm or not query.only_warm]
    random.Random(7).shuffle(found)
    seen: dict[str, int] = defaultdict(int)
    for query in found:
        if seen[query.kind] < each and (not kept or is_kept_back(query)):
            seen[query.kind] += 1
            yield query


def ran(kind: str, *, warm: bool) -> tuple[dict[str, Tally], list[float]]:
    """The tally of each kind of query, and the seconds of CPU that each query took."""
    index = Index({row["id"]: names(row, kind, warm=warm) for row in read(f"{kind}.csv")}, SUBJECTS[kind])
    tallies: dict[str, Tally] = defaultdict(Tally)
    seconds = []
    for query in chosen(kind, warm=warm):
        start = time.process_time()
        ranked = index.match(query.text)
        seconds.append(time.process_time() - start)
        tallies[query.kind].add(query, ranked, decide(query.text, ranked, subject=index.subject))
    return tallies, seconds


def share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "  -  "


def show(title: str, tallies: dict[str, Tally], seconds: list[float]) -> None:
    print(f"\n{title}\n{'kind':22s} {'n':>5s}  r@1    r@5    linked right  suggested right")
    for kind, tally in sorted(tallies.items()):
        line = [share(tally.first, tally.asked), share(tally.among_five, tally.asked)]
        for decision in (Decision.LINK, Decision.SUGGEST):
            line += [share(tally.made[decision], tally.asked), share(tally.right[decision], tally.made[decision])]
        print(f"{kind:22s} {tally.asked:5d} ", "  ".join(line))
    counted = [tally for kind, tally in tallies.items() if kind not in LEFT_OUT]
    mean = [statistics.mean(getattr(t, what) / t.asked for t in counted) for what in ("first", "among_five")]
    print(f"{'mean of ' + str(len(counted)) + ' kinds':22s}        {mean[0]:.3f}  {mean[1]:.3f}")
    asked = sum(tally.asked for tally in tallies.values())
    linked, linked_right = totals(tallies, Decision.LINK)
    suggested, suggested_right = totals(tallies, Decision.SUGGEST)
    print(f"links: coverage {share(linked, asked)}, precision {share(linked_right, linked)}")
    both, both_right = linked + suggested, linked_right + suggested_right
    print(f"links and suggestions: coverage {share(both, asked)}, precision {share(both_right, both)}")
    ordered = sorted(seconds)
    slow = ordered[int(0.95 * len(ordered))] * 1000
    print(f"{1 / statistics.mean(seconds):.0f} queries per second of CPU, p95 {slow:.1f} ms")


def totals(tallies: dict[str, Tally], decision: Decision) -> tuple[int, int]:
    return sum(t.made[decision] for t in tallies.values()), sum(t.right[decision] for t in tallies.values())


def false_merges() -> None:
    """Pairs that look alike and are different organizations: none may be linked, few suggested.

    First each pair alone, then the second name among all organizations but its own.
    """
    pairs = read("pairs_different_orgs.csv")
    alone: dict[Decision, int] = defaultdict(int)
    among: dict[Decision, int] = defaultdict(int)
    known = {row["id"]: names(row, kind, warm=True) for kind in ("orgs_ja", "orgs_zh") for row in read(f"{kind}.csv")}
    everyone = Index(known)
    for pair in pairs:
        index = Index({"a": [name for name in (pair["ja_a"], pair["en_a"]) if name]})
        for name in filter(None, (pair["ja_b"], pair["en_b"])):
            alone[decide(name, index.match(name))] += 1
            candidates, whole = everyone.candidates(name)
            others = [one for one in candidates if one.id != pair["id_b"]]
            among[decide(name, rank(name, others, whole))] += 1
    for title, made in (("alone", alone), ("among all others", among)):
        print(
            f"{len(pairs)} pairs of different organizations, {title}:",
            ", ".join(f"{made[d]} {d.value}" for d in Decision),
        )


def main() -> None:
    print(f"Names from {folder().name}")
    for kind, title in ((kind, KINDS[kind]) for kind in (os.environ.get("ONLY") or ",".join(KINDS)).split(",")):
        for warm in (True, False) if queries(f"bench_{kind}.csv") else ():
            show(f"{title}, {'warm' if warm else 'cold'}", *ran(kind, warm=warm))
    false_merges()


if __name__ == "__main__":
    main()
