"""A row on its way to becoming a record."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError


@dataclass
class Draft:
    """What the cells of one row say, and what is wrong with them. Columns are counted from 0; -1 is none of them."""

    number: int
    cells: list[Any]
    fields: dict[str, Any] = field(default_factory=dict)
    links: dict[str, list[Any]] = field(default_factory=dict)
    parts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    slots: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)  # by field, where its value came from; shared by the rows
    errors: list[tuple[int, ValidationError]] = field(default_factory=list)
    record: Any = None  # the new record, or the one to be updated
    new_parts: list[Any] = field(default_factory=list)
    existing: Any = None  # the record that is there already
    twin: int = 0  # number of the earlier row that says the same
    effect: str = "add"

    def place(self, name: str, column: int) -> None:
        """Notes that a field's value came from this column, where that is not so of every row."""
        if self.columns.get(name) != column:
            self.columns = {**self.columns, name: column}

    def refuse(self, column: int, error: ValidationError) -> None:
        self.errors.append((column, error))

    def refuse_fields(self, error: ValidationError, leave_out: Collection[str] = ()) -> None:
        """An error by field, as `full_clean` raises it."""
        by_field = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
        for name, errors in by_field.items():
            if name not in leave_out:
                self.errors += [(self.columns.get(name, -1), one) for one in errors]
