"""Pages of admin lists: by `core.listing`, so that page 5,000 opens as fast as the first."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.db.models.expressions import OrderBy

from core import ordering
from core.list_plan import MOST_COUNTED
from core.listing import Listing, records


def order_of(queryset: Any) -> tuple[ordering.Key, ...]:
    """The order of a queryset, empty values last and total."""
    names = queryset.query.order_by or queryset.model._meta.ordering or ("pk",)
    return ordering.keys(queryset.model, [name_of(key) for key in names])


def name_of(key: Any) -> str:
    """`-rank` for `F("rank").desc(nulls_last=True)`; where empty values stand is said by `core.ordering`."""
    if isinstance(key, OrderBy):
        field: Any = key.expression
        return ("-" if key.descending else "") + str(field.name)
    return str(key)


class ListPage(Page[Any]):
    """One record more than the page has was looked for, which tells whether the list goes on."""

    def __init__(self, records: list[Any], number: int, paginator: Any, *, goes_on: bool) -> None:
        super().__init__(records, number, paginator)
        self.goes_on = goes_on

    def has_next(self) -> bool:
        return self.goes_on

    def next_page_number(self) -> int:
        return self.number + 1


class ListPaginator(Paginator[Any]):
    """Counts up to `MOST_COUNTED` records. A longer list goes on beyond, and only its last page knows that it is."""

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.object_list, order_of(self.object_list))

    @cached_property
    def count(self) -> int:
        return self.listing.count

    @property
    def is_open(self) -> bool:
        """Whether there are more records than were counted."""
        return self.count > MOST_COUNTED

    def validate_number(self, number: Any) -> int:
        if self.is_open and str(number).isdecimal() and int(number) > 0:
            return int(number)
        return super().validate_number(number)

    def page(self, number: Any) -> ListPage:
        number = 1 if number == 1 else self.validate_number(number)
        pks = self.listing.pks((number - 1) * self.per_page, self.per_page + 1)
        if number == 1 and len(pks) <= self.per_page:
            self.count = len(pks)  # all of them, so that nothing needs to be counted
        if not pks and number > 1:
            raise EmptyPage(self.error_messages["no_results"])
        return ListPage(records(self.object_list, pks[: self.per_page]), number, self, goes_on=len(pks) > self.per_page)

    def numbers(self, page: ListPage) -> Iterator[Any]:
        """The pages to offer; of an open list only as far as it is known."""
        if not self.is_open:
            yield from self.get_elided_page_range(page.number)
            return
        near = range(max(1, page.number - 2), page.number + 1 + page.has_next())
        yield from (number for number in (1, 2) if number < near[0])
        if near[0] > 3:
            yield self.ELLIPSIS
        yield from near
        if page.has_next():
            yield self.ELLIPSIS
