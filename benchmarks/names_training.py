"""Learns how much each kind of evidence counts: `python -m benchmarks.names_training` writes the tables.

A conditional logit over the candidates of each query. Half of the organizations (by a digest of their id) are never
looked at; `HALF=kept python -m benchmarks.names` measures on that half.
"""

import hashlib
import random
import sys
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.names_data import SMALL, Index, Query, folder, names, queries, read
from core.names.rank import CHANCE, COLUMNS, MOST, Ranked, chance_features, leads
from core.names.tables import DATA

Array = NDArray[np.float64]
PER_KIND = 120
ROUNDS, STEP, SHRINK = 300, 0.05, 1e-3


def is_kept_back(target: str) -> bool:
    """Whether queries for this organization are for measuring only."""
    return hashlib.sha256(f"half:{target}".encode()).digest()[0] % 2 == 1


def for_training(kind: str, *, warm: bool) -> list[Query]:
    found = [
        q for q in queries(f"bench_{kind}.csv") if not any(map(is_kept_back, q.targets)) and (warm or not q.only_warm)
    ]
    random.Random(1).shuffle(found)
    seen: Counter[str] = Counter()
    chosen = []
    for query in found:
        seen[query.kind] += 1
        if seen[query.kind] <= PER_KIND:
            chosen.append(query)
    return chosen


Answer = tuple[Query, list[Ranked]]


def answers() -> list[Answer]:
    found = []
    for kind in ("orgs_ja", "orgs_zh"):
        for warm in (True, False):
            index = Index({row["id"]: names(row, kind, warm=warm) for row in read(f"{kind}.csv")})
            found += [(query, index.match(query.text)) for query in for_training(kind, warm=warm)]
    return found


def examples(found: list[Answer]) -> list[tuple[Array, Array]]:
    """(evidence of the candidates, which of them are meant) where there is something to learn."""
    pairs = []
    for query, ranked in found:
        meant = np.array([one.id in query.targets for one in ranked], dtype=float)
        if 0 < meant.sum() < len(meant):
            pairs.append((np.array([one.evidence for one in ranked]), meant / meant.sum()))
    return pairs


def stacked(found: list[tuple[Array, Array]]) -> tuple[Array, Array, Array]:
    """Evidence, what is meant, and which places are filled; all of one size."""
    evidence = np.zeros((len(found), MOST, len(COLUMNS)))
    meant, filled = np.zeros((len(found), MOST)), np.zeros((len(found), MOST))
    for at, (one, target) in enumerate(found):
        evidence[at, : len(target)], meant[at, : len(target)], filled[at, : len(target)] = one, target, 1
    return evidence, meant, filled


def learn(evidence: Array, meant: Array, filled: Array) -> Array:
    """Coefficients by gradient descent with momentum (Adam), shrunk towards nothing."""
    scale = evidence[filled > 0].std(0) + 1e-6
    weights, mean, square = (np.zeros(len(COLUMNS)) for _ in range(3))
    for turn in range(1, ROUNDS + 1):
        scores = np.where(filled > 0, evidence / scale @ weights, -1e9)
        chances = np.exp(scores - scores.max(1, keepdims=True))
        chances /= chances.sum(1, keepdims=True)
        gradient = np.einsum("nmf,nm->f", evidence / scale, chances - meant) / len(meant) + SHRINK * weights
        mean, square = 0.9 * mean + 0.1 * gradient, 0.99 * square + 0.01 * gradient**2
        weights = weights - STEP * mean / (1 - 0.9**turn) / (np.sqrt(square / (1 - 0.99**turn)) + 1e-8)
    return np.asarray(weights / scale)


def by_weights(found: list[Answer], weights: Array) -> list[tuple[Query, list[Ranked]]]:
    """The same answers in the order that these weights give."""
    ordered = []
    for query, ranked in found:
        again = [one._replace(weight=float(np.dot(weights, one.evidence))) for one in ranked]
        ordered.append((query, sorted(again, key=lambda one: -one.weight)))
    return ordered


def without_right(query: Query, ranked: list[Ranked]) -> list[Ranked]:
    """As if the organization were not in the index, so that the best of the others is not taken for it."""
    return [one for one in ranked if one.id not in query.targets]


def learn_chances(found: list[Answer]) -> Array:
    """Whether the best candidate is right: a logistic regression by Newton's method."""
    both = [*found, *((query, without_right(query, ranked)) for query, ranked in found)]
    best = [(q, ranked[0], leads(ranked)[0]) for q, ranked in both if ranked]
    features = np.array([chance_features(one, lead) for _q, one, lead in best])
    right = np.array([float(one.id in query.targets) for query, one, _lead in best])
    weights = np.zeros(features.shape[1])
    for _turn in range(30):
        chance = 1 / (1 + np.exp(-features @ weights))
        curve = features.T @ (features * (chance * (1 - chance))[:, None]) + SHRINK * len(right) * np.eye(len(weights))
        slope = features.T @ (right - chance) - SHRINK * len(right) * weights
        weights = weights + np.linalg.solve(curve, slope)
    return np.asarray(weights)


def write(table: str, names_: tuple[str, ...], values: Array) -> None:
    lines = [f"{name}\t{value:.4f}" for name, value in zip(names_, values, strict=True)]
    head = "# evidence\twhat it counts for; learned, see benchmarks/names_training.py"
    (DATA / f"{table}.tsv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def main() -> None:
    if folder() == SMALL:
        sys.exit("There are no names to learn from: set NAMES_DATA (benchmarks/README.md).")
    found = answers()
    weights = learn(*stacked(examples(found)))
    write("ranking", COLUMNS, weights)
    write("chances", ("always", "weight", "lead", *CHANCE), learn_chances(by_weights(found, weights)))


if __name__ == "__main__":
    main()
