"""Columns of admin lists: those that the page declares, and any other that its resource has."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.admin.utils import label_for_field
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.columns import Column
from core.localized import joined

LONGEST = 80  # characters of a note in a cell
NO_NEWS = ("id", "version")  # the reference says the one, nobody asks for the other


def entry_name(entry: Any) -> str:
    """The name of an entry of `list_display`."""
    return str(getattr(entry, "__name__", entry))


def text_maker(column: Column) -> Callable[[Any], Any]:
    """From the column's value to what a cell of a list shows; dates and numbers are left to the page."""
    if column.choices:
        labels = {value: str(label) for value, label in column.choices().items()}
        return lambda value: labels.get(value, value)
    if column.kind == "boolean":
        return lambda value: "" if value is None else _("Yes") if value else _("No")
    if column.kind == "list":
        return lambda values: Truncator(joined(str(value) for value in values or ())).chars(LONGEST)
    if column.kind == "text":
        return lambda value: Truncator(value or "").chars(LONGEST)
    return lambda value: value


def _is_offered(column: Column) -> bool:
    """Parts fill no cell, and ids say nothing to people, whose names stand beside them."""
    named = column.code.endswith("_display")
    is_id = column.kind in ("integer", "list") and not named and str(column.label).endswith("(ID)")
    return column.kind != "parts" and not is_id and column.code not in NO_NEWS


@dataclass(frozen=True)
class Choice:
    name: str
    label: str
    is_chosen: bool
    is_fixed: bool


class ListColumns:
    """What the lists of one admin class can show. `page` is a `core.admin.lists.ResourceAdmin`."""

    def __init__(self, page: Any) -> None:
        self.page = page

    @cached_property
    def own(self) -> list[str]:
        return [str(name) for name in self.page.list_display]

    @cached_property
    def fixed(self) -> str:
        """The column that leads to the record; it cannot be left out."""
        links = self.page.list_display_links or self.own[:1]
        return str(links[-1])

    @cached_property
    def further(self) -> dict[str, Column]:
        """Columns of the resource that no own column shows already, by code."""
        with override("en"):
            labels = {self._label(name).casefold() for name in self.own}
            orders = {order for name in self.own if name != "number" and (order := self._order(name))}
            return {
                column.code: column
                for column in self.page.resource.columns.listed()
                if _is_offered(column)
                and column.code.removesuffix("_display") not in {*self.own, *orders}
                and str(column.label).casefold() not in labels
            }

    def _label(self, name: str) -> str:
        return str(label_for_field(name, self.page.model, model_admin=self.page))

    def _order(self, name: str) -> str:
        order = getattr(getattr(self.page, name, None), "admin_order_field", None)
        return order if isinstance(order, str) else ""

    def has(self, name: str) -> bool:
        return name in self.own or name in self.further

    def known(self, names: Iterable[str]) -> list[str]:
        """Those of the names that there are, with the fixed one; none if none is left."""
        found = [name for name in dict.fromkeys(names) if self.has(name)]
        if found and self.fixed not in found:
            found.insert(0, self.fixed)
        return found

    def choices(self, chosen: Sequence[str]) -> list[Choice]:
        """All of them, the chosen ones first and in their order."""
        rest = [name for name in (*self.own, *self.further) if name not in chosen]
        return [
            Choice(name, capfirst(self.label(name)), name in chosen, name == self.fixed) for name in (*chosen, *rest)
        ]

    def label(self, name: str) -> str:
        return str(self.further[name].label) if name in self.further else self._label(name)

    def entries(self, names: Iterable[str]) -> list[Any]:
        """As `list_display` wants them."""
        return [self._cell(self.further[name]) if name in self.further else name for name in names]

    def _cell(self, column: Column) -> Callable[[Any], Any]:
        def cell(record: Any) -> Any:
            return record.further_cells.get(column.code)

        cell.__name__ = column.code
        found: Any = cell
        found.short_description = column.label
        stem = column.code.removesuffix("_display")
        if stem in self.page.resource.order_fields:
            found.admin_order_field = stem
        return cell

    def fill(self, user: Any, records: Sequence[Any], names: Iterable[str]) -> None:
        """Reads the further ones of these columns for all records at once, in as many queries for one as for fifty."""
        columns = [self.further[name] for name in names if name in self.further]
        if not columns or not records:
            return
        makers = [(column.code, text_maker(column)) for column in columns]
        rows = self.page.model._base_manager.filter(pk__in=[record.pk for record in records]).order_by()
        found = dict(self.page.resource.columns.rows(rows, user, columns))
        for record in records:
            values = found.get(record.pk) or [None] * len(makers)
            record.further_cells = {code: make(value) for (code, make), value in zip(makers, values, strict=True)}
