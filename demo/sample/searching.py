"""`search_text` for many records: what `core.search_text` makes of them, but each piece of text is taken apart once."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from core.search import tokens
from core.search_index import is_searched
from core.search_text import compose, is_path, names, target
from demo.sample.storing import column
from demo.sample.world import Rows

ONCE = 20_000  # pieces that are remembered: names are many, but what is said about leads is said again


@lru_cache(maxsize=ONCE)
def _tokens(piece: str) -> tuple[str, ...]:
    return tuple(tokens([piece]))


def stamped(rows: Rows) -> Rows:
    """The rows with their texts, if the model is searched; those of the records that they are about must be stored."""
    if not is_searched(rows.model):
        return rows
    texts = [
        compose(chain.from_iterable(map(_tokens, pieces)), chain.from_iterable(lines))
        for pieces, lines in zip(_pieces(rows), _lines(rows), strict=True)
    ]
    return rows._replace(columns={**rows.columns, "search_text": texts})


def _pieces(rows: Rows) -> Iterator[list[str]]:
    """What each record says of itself: its fields, then the names in its parts, by the model's `searched`."""
    model: Any = rows.model
    fields = [entry for entry in model.searched if not is_path(entry)]
    # Several fields of one part are those of merged people, of whom a sample has none.
    parts = [rows.linked[entry] for entry in model.searched if isinstance(entry, str) and is_path(entry)]
    own = zip(*(_joined(rows, (entry,) if isinstance(entry, str) else entry) for entry in fields), strict=True)
    for pieces, *named in zip(own, *parts, strict=True):
        yield [*pieces, *(name for some in named for name in some)]


def _joined(rows: Rows, fields: Iterable[str]) -> list[str]:
    columns = [column(rows, rows.model._meta.get_field(name)) for name in fields]
    return [" ".join(filter(None, cells)) for _pk, *cells in zip(rows.columns["id"], *columns, strict=False)]


def _lines(rows: Rows) -> Iterator[list[list[str]]]:
    """The tokens that the records have of themselves which each record is about, by the model's `searched_related`."""
    model: Any = rows.model
    found = [_related(rows, path) for path in model.searched_related]
    for _pk, *related in zip(rows.columns["id"], *found, strict=True):
        yield [line for lines in related for line in lines]


def _related(rows: Rows, path: str) -> list[list[list[str]]]:
    if path in rows.linked:
        linked = [sorted(pks) for pks in rows.linked[path]]
    else:
        named = zip(rows.columns["id"], column(rows, rows.model._meta.get_field(path)), strict=False)
        linked = [[pk] if pk else [] for _own, pk in named]
    other = target(rows.model, path)
    stored = other._base_manager.filter(pk__in={pk for pks in linked for pk in pks}).values_list("pk", "search_text")
    lines = {pk: names(text) for pk, text in stored}
    return [[lines[pk] for pk in pks] for pks in linked]
