"""Boards: the records of a list in columns, one for each stage of a flow.

An app declares a board for a model (`register`); which records it holds is decided by the list that it stands beside,
so this knows no filter and no reader. A column reads its first cards, and counts and adds up at most MOST_COUNTED
records, so a board costs the same however many there are.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F, Model, QuerySet

from core import ordering
from core.currencies import short_amount
from core.list_plan import MOST_COUNTED
from core.listing import Listing, records
from core.panels import Badge
from core.stages import Flow

CARDS = 20  # of each column at first, and with each "show more"


@dataclass(frozen=True)
class Card:
    """What a card says of a record besides its name and owner. What is empty is not drawn."""

    about: str = ""
    step: str = ""
    due: Badge | str = ""
    amount: str = ""
    likelihood: int | None = None
    badges: Sequence[Badge] = ()


@dataclass(frozen=True)
class Sums:
    """What a column adds up, currency by currency; `amount` and `currency` are fields or annotations."""

    amount: str
    currency: str
    label: Any = ""


@dataclass(frozen=True)
class Board:
    """`order`, `sums` are asked for each stage: the most urgent come first where work goes on, the newest elsewhere.
    `prepare` adds to the records what their cards and sums read."""

    model: type[Model]
    flow: Flow
    card: Callable[[Any], Card]
    order: Callable[[str], Sequence[str]]
    sums: Callable[[str], Sums]
    prepare: Callable[[Any, str], Any] = lambda queryset, stage: queryset
    read_along: Callable[[Any], Any] = lambda queryset: queryset
    tones: dict[str, str] = field(default_factory=dict)

    @property
    def stages(self) -> list[tuple[str, Any]]:
        choices: Any = self.model._meta.get_field(self.flow.field).choices  # type: ignore[union-attr]
        return list(choices)

    def targets(self, stage: str) -> list[str]:
        """Where a person may move a card of this column."""
        return self.flow.targets(self._standing(stage))

    def asks(self, stage: str, to: str) -> bool:
        """Whether that move must say why, or something else."""
        return self.flow.needs_reason(self._standing(stage), to) or bool(self.flow.asks.get(to))

    def _standing(self, stage: str) -> Any:
        return self.model(**{self.flow.field: stage})


class Column:
    """The records of one stage, of those that `queryset` holds."""

    def __init__(self, board: Board, stage: str, label: Any, queryset: QuerySet[Any]) -> None:
        self.board, self.stage, self.label = board, stage, label
        self.queryset = board.prepare(queryset.filter(**{board.flow.field: stage}), stage)
        self.tone = board.tones.get(stage, "neutral")
        self.targets = board.targets(stage)
        self.asking = [to for to in self.targets if board.asks(stage, to)]
        self.cards: list[Any] = []

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.queryset, ordering.keys(self.board.model, self.board.order(self.stage)))

    @cached_property
    def _sums(self) -> list[tuple[str, int, Decimal | None]]:
        named = self.board.sums(self.stage)
        return self.listing.sums(F(named.currency), F(named.amount))

    @property
    def count(self) -> int:
        """How many records there are, `MOST_COUNTED + 1` if there are more than that."""
        return min(sum(count for _currency, count, _amount in self._sums), MOST_COUNTED + 1)

    @property
    def is_open(self) -> bool:
        """Whether there are more than are counted."""
        return self.count > MOST_COUNTED

    @property
    def totals(self) -> list[str]:
        """What they add up to in each currency. Nothing where not all of them were read: half a sum says nothing."""
        if self.is_open:
            return []
        known = [(amount, currency) for currency, _count, amount in self._sums if currency and amount]
        return [short_amount(amount, currency) for amount, currency in sorted(known, reverse=True)]

    @property
    def totals_label(self) -> Any:
        return self.board.sums(self.stage).label

    def pks(self, start: int = 0) -> list[Any]:
        """The numbers of the cards from the one at `start` on."""
        return self.listing.pks(start, CARDS)


def columns(board: Board, queryset: QuerySet[Any]) -> list[Column]:
    """Every column with its first cards; the records of all columns are read at once."""
    made = [Column(board, stage, label, queryset) for stage, label in board.stages]
    fill({column: column.pks() for column in made})
    return made


def fill(chosen: dict[Column, list[Any]]) -> None:
    """Reads the chosen cards of these columns."""
    pks = [pk for own in chosen.values() for pk in own]
    column = next(iter(chosen))
    found = {record.pk: record for record in records(column.board.read_along(_bare(column)), pks)}
    for column, own in chosen.items():
        column.cards = [found[pk] for pk in own if pk in found]


def _bare(column: Column) -> Any:
    return column.board.model._base_manager.using(column.queryset.db)


_boards: dict[type[Model], Board] = {}


def register(board: Board) -> Board:
    _boards[board.model] = board
    return board


def for_model(model: type[Model]) -> Board | None:
    return _boards.get(model)


def everything() -> Iterable[Board]:
    return _boards.values()
