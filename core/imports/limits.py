"""How much a file may hold. Beyond it the answer is a message with the row and the limit, never a full memory."""

from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MOST_COLUMNS = 500
LONGEST_CELL = 1_000_000  # characters
LONGEST_ROW = 4_000_000
MEGABYTE = 2**20

TOO_MANY_COLUMNS = _("Row %(row)s has %(columns)s columns. At most %(limit)s can be read: check the separator.")
CELL_TOO_LONG = _(
    "Row %(row)s: a cell is longer than %(limit)s characters. If it is not meant to be, look for a quotation mark "
    "without its partner."
)
ROW_TOO_LONG = _("Row %(row)s is longer than %(limit)s characters. Is this a table, with line breaks between rows?")
TOO_MANY_ROWS = _("The file has more than %(limit)s rows. Split it and import the parts one after another.")


def refuse(message: Any, code: str, **params: Any) -> NoReturn:
    """Raises ValidationError; numbers in the message get thousands separators."""
    shown = {name: f"{value:,}" if isinstance(value, int) else value for name, value in params.items()}
    raise ValidationError(message, code=code, params=shown)


def check_width(row: int, cells: list[Any]) -> None:
    if len(cells) > MOST_COLUMNS:
        refuse(TOO_MANY_COLUMNS, "columns", row=row, columns=len(cells), limit=MOST_COLUMNS)
