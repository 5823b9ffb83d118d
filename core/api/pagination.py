"""Pages by position, not by number: as fast at the millionth record as at the first, and stable while records come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.utils.urls import replace_query_param

from core import ordering
from core.api import reading
from core.api.problems import InvalidParameters
from core.columns import Column, Columns
from core.listing import Listing

DEFAULT_SIZE = 100
LARGEST_SIZE = 1000
PROBED = 2000  # where so many are found by a frequent word, a page is soon full in the list's own order
# Signed, so that a cursor is either ours or an error, whatever was done to it.
SIGNER = signing.Signer(salt="liaison.cursor", sep=".")


@dataclass(frozen=True)
class Cursor:
    """A position in a list: the order values of a record, and whether to read on or back from there."""

    values: tuple[Any, ...]
    back: bool = False

    def encode(self, order: Sequence[ordering.Key]) -> str:
        texts = [None if value is None else str(value) for value in self.values]
        return SIGNER.sign_object([_signature(order), texts, self.back])

    @classmethod
    def decode(cls, text: str, order: Sequence[ordering.Key]) -> "Cursor":
        """Raises InvalidParameters at `cursor`."""
        try:
            signature, texts, back = SIGNER.unsign_object(text)
            if signature != _signature(order):
                raise _refused(_("This cursor belongs to another ordering. Start again without a cursor."), "ordering")
            values = tuple(key.field.to_python(value) for key, value in zip(order, texts, strict=True))
        except (signing.BadSignature, ValidationError, ValueError, TypeError) as error:
            if isinstance(error, InvalidParameters):
                raise
            message = _("This is not a cursor of this list. Follow the links “next” and “previous” as they are.")
            raise _refused(message, "cursor") from None
        return cls(values, back)


def _signature(order: Sequence[ordering.Key]) -> str:
    return ",".join(("-" if key.descending else "") + key.path for key in order)


def _refused(message: str, code: str) -> InvalidParameters:
    return InvalidParameters({"cursor": ValidationError(message, code=code)})


@dataclass(frozen=True)
class Page:
    """Some records, and the cursors of the pages before and after them."""

    records: list[dict[str, Any]]
    previous: Cursor | None
    next: Cursor | None


def _one_row_each(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """DISTINCT over wide rows sorts the whole table; over primary keys it does not."""
    if not queryset.query.distinct:
        return queryset
    return queryset.model._base_manager.filter(pk__in=queryset.order_by().values("pk"))


def read_page(
    queryset: QuerySet[Any],
    user: Any,
    columns: Sequence[Column],
    order: Sequence[ordering.Key],
    size: int,
    cursor: Cursor | None = None,
) -> Page:
    """Reads one record more than asked for, which tells whether the list goes on. Never counts."""
    back = cursor is not None and cursor.back
    way = ordering.backwards(order) if back else tuple(order)
    stretches = ordering.zones(way, cursor.values if cursor else None)
    listing = Listing(_one_row_each(queryset), way, most=PROBED)
    rows = _rows(Stretches(listing, stretches, size + 1), user, columns, way)
    more = len(rows) > size
    rows = rows[size - 1 :: -1] if back and more else rows[::-1] if back else rows[:size]
    positions = [position for position, _record in rows]
    return Page(
        [record for _position, record in rows],
        previous=_before(positions, cursor, more if back else cursor is not None),
        next=_beyond(positions, cursor, more or back),
    )


@dataclass(frozen=True)
class Stretches:
    """One stretch of a listing after the other as if they were one queryset, up to a limit; the later ones are asked
    only if need be."""

    listing: Listing
    zones: Sequence[ordering.Zone]
    limit: int
    paths: tuple[str, ...] = ()

    @property
    def model(self) -> Any:
        return self.listing.queryset.model

    def values_list(self, *paths: str) -> "Stretches":
        return replace(self, paths=paths)

    def iterator(self, chunk_size: int) -> Iterator[Any]:
        left = self.limit
        for zone in self.zones:
            rows = list(reading.rows(self.listing.stretch(zone, left), self.paths, zone.order, left)) if left else []
            left -= len(rows)
            yield from rows


def _rows(
    records: Stretches, user: Any, columns: Sequence[Column], order: Sequence[ordering.Key]
) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Each record with its position, which is read along as hidden columns."""
    hidden = [Column(f"@{key.path}", "", paths=(key.path,)) for key in order]
    codes = [column.code for column in columns]
    reader = Columns(records.model).rows(records, user, [*columns, *hidden])
    split = len(codes)
    return [(tuple(cells[split:]), dict(zip(codes, cells[:split], strict=True))) for _pk, cells in reader]


def _before(positions: list[tuple[Any, ...]], cursor: Cursor | None, exists: bool) -> Cursor | None:
    if not exists or cursor is None:
        return None
    return Cursor(positions[0] if positions else cursor.values, back=True)


def _beyond(positions: list[tuple[Any, ...]], cursor: Cursor | None, exists: bool) -> Cursor | None:
    if not exists:
        return None
    if positions:
        return Cursor(positions[-1])
    return Cursor(cursor.values) if cursor else None


def envelope(request: Any, page: Page, order: Sequence[ordering.Key]) -> dict[str, Any]:
    """What every list answers."""
    here = request.build_absolute_uri()

    def address(cursor: Cursor | None) -> str | None:
        return replace_query_param(here, "cursor", cursor.encode(order)) if cursor else None

    return {"next": address(page.next), "previous": address(page.previous), "results": page.records}
