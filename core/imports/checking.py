"""What would happen: every row through the rules, every message at its cell, duplicates shown. Nothing is stored."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone

from core.imports import mapping
from core.imports.actor import acting_as
from core.imports.cells import as_text
from core.imports.drafts import Draft
from core.imports.models import Import
from core.imports.planning import Plan
from core.imports.problems import MOST_KEPT, Problem, visible
from core.imports.reading import rows
from core.imports.relations import described

SHOWN_ROWS = 50
SHOWN_PROBLEM_ROWS = 200
SHOWN_CELL = 200  # characters
QUICK_BYTES = 256 * 1024


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file. `effect` is add, update, skip or problem."""

    number: int
    cells: list[str]
    effect: str = "add"
    problems: list[Problem] = field(default_factory=list)
    duplicate_of: str = ""  # name of the record that is there already, e.g. "O-000012 NEC"
    duplicate_url: str = ""
    duplicate_row: int = 0  # number of the earlier row of the file that says the same


@dataclass(frozen=True)
class Preview:
    rows_total: int
    to_add: int
    to_update: int
    to_skip: int
    problem_count: int
    problems: list[Problem]  # the first `problems.MOST_KEPT`
    rows: list[PreviewRow]  # the first `SHOWN_ROWS`, duplicates and those with problems, up to `SHOWN_PROBLEM_ROWS`


def is_quick(import_: Import) -> bool:
    """Whether checking is a matter of a few seconds, so that a page may wait for it; else use `running.check_later`."""
    return import_.size <= QUICK_BYTES


def check(import_: Import, seen: Callable[[int], None] = lambda done: None) -> Preview:
    """Checks the file and notes the result in the import (status `checked`, counts, problems, preview).

    Raises ValidationError for a file that cannot be read or a mapping that lacks what is required. `seen` hears how
    many rows are done.
    """
    preview = look(import_, seen)
    import_.rows_total, import_.rows_done = preview.rows_total, 0
    import_.rows_added, import_.rows_updated, import_.rows_skipped = preview.to_add, preview.to_update, preview.to_skip
    import_.problem_count = preview.problem_count
    import_.problems = [problem.as_json() for problem in preview.problems]
    import_.preview = [asdict(row) for row in preview.rows]
    import_.status, import_.failure = Import.Status.CHECKED, {}
    import_.finished_at = timezone.now()
    import_.save()
    return preview


def look(import_: Import, seen: Callable[[int], None] = lambda done: None) -> Preview:
    """What `check` finds, without noting it."""
    mapping.check_complete(import_)
    with acting_as(import_):
        source = rows(import_)
        _number, headings = next(source)
        plan, tally = Plan(import_, headings), _Tally(headings)
        for drafts in plan.batches(source):
            for draft in drafts:
                tally.add(draft)
            seen(tally.total)
    return tally.preview()


class _Tally:
    """Counts rows and keeps those worth showing."""

    def __init__(self, headings: list[str]) -> None:
        self.headings, self.total = headings, 0
        self.effects = {"add": 0, "update": 0, "skip": 0, "problem": 0}
        self.problem_count, self.problems, self.rows = 0, list[Problem](), list[PreviewRow]()

    def add(self, draft: Draft) -> None:
        self.total += 1
        self.effects[draft.effect] += 1
        errors = draft.errors if draft.effect == "problem" else []
        self.problem_count += len(errors)
        wanted = len(self.rows) < SHOWN_ROWS or draft.effect in ("problem", "skip")
        if not (errors and len(self.problems) < MOST_KEPT) and not (wanted and len(self.rows) < SHOWN_PROBLEM_ROWS):
            return
        found = [Problem.of(draft.number, column, self.headings, error) for column, error in errors]
        self.problems += found[: MOST_KEPT - len(self.problems)]
        if wanted and len(self.rows) < SHOWN_PROBLEM_ROWS:
            self.rows.append(self._row(draft, found))

    def _row(self, draft: Draft, problems: list[Problem]) -> PreviewRow:
        existing = draft.existing
        texts = [visible(as_text(cell)[:SHOWN_CELL]) for cell in draft.cells]
        return PreviewRow(
            draft.number,
            texts + [""] * (len(self.headings) - len(texts)),
            draft.effect,
            problems,
            described(existing) if existing is not None else "",
            _address(existing) if existing is not None else "",
            draft.twin if existing is None else 0,
        )

    def preview(self) -> Preview:
        effects = self.effects
        return Preview(
            self.total, effects["add"], effects["update"], effects["skip"],
            self.problem_count, self.problems, self.rows,
        )  # fmt: skip


def _address(record: Any) -> str:
    meta = record._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_read", args=[record.pk])


def stored_preview(import_: Import) -> Preview:
    """The result of the last check, as it was noted."""
    shown = [
        PreviewRow(**{**row, "problems": [Problem(**problem) for problem in row["problems"]]})
        for row in import_.preview
    ]
    return Preview(
        import_.rows_total, import_.rows_added, import_.rows_updated, import_.rows_skipped, import_.problem_count,
        [Problem(**problem) for problem in import_.problems], shown,
    )  # fmt: skip
