"""CSV from SQLite: each row comes as one finished line of bytes."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from core.export_cells import is_bare
from core.export_sql import Texts
from core.spreadsheet_text import SUSPECT, make_inert

ARGUMENTS = 100  # SQLite takes 127 in one call
_FIRST = ", ".join(str(ord(character)) for character in sorted(SUSPECT))


def statement(export: Any, queryset: Any) -> tuple[str, list[Any]]:
    """The query for the lines, and its parameters. Raises NotInSql."""
    texts = Texts(export.resource.model, export.user, export.headers)
    cells = {f"cell_{number}": texts.of(column) for number, column in enumerate(export.columns)}
    inner, params = queryset.annotate(**cells).values_list(*cells).query.sql_with_params()
    bare = [is_bare(column, export.headers) for column in export.columns]
    line, formats = _line(list(zip(cells, bare, strict=True)))
    # LIMIT changes nothing, but keeps a cell from being made again at each mention of it.
    return f"SELECT {line} FROM ({inner} LIMIT -1)", [*formats, *params]  # noqa: S608  our own SQL


def _line(cells: list[tuple[str, bool]]) -> tuple[str, list[str]]:
    """One call joins all, as each `||` would copy what is there already, and `%w` doubles the quotes inside of texts;
    bytes, so that nothing is decoded."""
    portions = [cells[start : start + ARGUMENTS] for start in range(0, len(cells), ARGUMENTS)]
    values = [", ".join(name if bare else _inert(name) for name, bare in some) for some in portions]
    calls = " || ',' || ".join(f"PRINTF(%s, {some})" for some in values)
    formats = [",".join("%s" if bare else '"%w"' for _name, bare in some) for some in portions]
    return f"CAST({calls} || CHAR(13, 10) AS BLOB)", formats


def _inert(cell: str) -> str:
    return f"IFNULL(CASE WHEN UNICODE({cell}) IN ({_FIRST}) THEN LIAISON_INERT({cell}) ELSE {cell} END, '')"


@receiver(connection_created, dispatch_uid="liaison-export-sqlite")
def _add_function(connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        connection.connection.create_function("LIAISON_INERT", 1, make_inert, deterministic=True)


def lines(sql: str, params: list[Any], number: int) -> Iterator[tuple[bytes, int]]:
    """The result, some lines at a time."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(number):
            yield b"".join([line for (line,) in rows]), len(rows)
