"""The search index in the database: records whose `search_text` has all terms of a query.

PostgreSQL: a GIN index over the tokens. SQLite: an FTS5 table beside the model's own, kept by triggers. Each index is
made by a migration (`AddSearchIndex`) and then kept by the database itself, whoever writes the text.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connections, migrations, models, router, transaction
from django.db.migrations.operations.base import Operation

from core.search import Query, Term

FUNCTION = "liaison_search_tokens"


# -- asking it --------------------------------------------------------------------------------------------------------


def _grouped(parts: Iterator[str], word: str) -> str:
    return f" {word} ".join(f"({part})" for part in parts)


def fts_query(query: Query) -> str:
    """In the words of FTS5. Tokens hold no quotation marks (`core.search`)."""
    ways = (" AND ".join(f'"{term.token}"{"*" * term.begins}' for term in way) for way in query.ways)
    return _grouped(ways, "OR")


def ts_query(query: Query) -> str:
    """As text of a PostgreSQL `tsquery`."""
    ways = (" & ".join(f"'{term.token}'{':*' * term.begins}" for term in way) for way in query.ways)
    return _grouped(ways, "|")


@models.TextField.register_lookup
class Found(models.Lookup[Any]):
    """`search_text__found=core.search.parse("...")`: by the index."""

    lookup_name = "found"
    prepare_rhs = False
    rhs: Query
    sign = ""

    def _column(self, compiler: Any, connection: Any) -> str:
        sql, _params = self.process_lhs(compiler, connection)
        if not self.rhs.ways:
            raise EmptyResultSet
        return str(sql)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return f"{FUNCTION}({self._column(compiler, connection)}) @@ %s::tsquery", [ts_query(self.rhs)]

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        self._column(compiler, connection)
        lhs: Any = self.lhs
        meta = lhs.target.model._meta
        row = f"{compiler.quote_name_unless_alias(lhs.alias)}.{connection.ops.quote_name(meta.pk.column)}"
        index = connection.ops.quote_name(index_name(meta.db_table))
        sql = f"{self.sign}{row} IN (SELECT rowid FROM {index} WHERE {index} MATCH %s)"  # noqa: S608  names of the model
        return sql, [fts_query(self.rhs)]


class FoundByProbing(Found):
    """The same records: SQLite enters the list by another index and looks up each record among those found, as the
    planner of PostgreSQL does of its own accord."""

    sign = "+"  # keeps SQLite from entering by this condition


class FoundLately(Found):
    """Of the records found those with the highest numbers, `MOST` at most. SQLite reads them backwards from its index;
    PostgreSQL, whose index has no order, does not know this lookup."""

    MOST = 20_000

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        raise NotImplementedError

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        sql, params = super().as_sqlite(compiler, connection)
        return f"{sql.removesuffix(')')} ORDER BY rowid DESC LIMIT {self.MOST})", params


class FoundByReading(Found):
    """The same records, by reading each text: quickest where many of the rows that are read are found."""

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return self._reading("strpos", compiler, connection)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        return self._reading("instr", compiler, connection)

    def _reading(self, position: str, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        has = f"{position}({self._column(compiler, connection)}, %s) > 0"
        sql = _grouped((" AND ".join([has] * len(way)) for way in self.rhs.ways), "OR")
        return f"({sql})", [_between_spaces(term) for way in self.rhs.ways for term in way]


def _between_spaces(term: Term) -> str:
    return f" {term.token}" if term.begins else f" {term.token} "


def lookup_in(queryset: models.QuerySet[Any]) -> Found | None:
    """The search that a queryset is narrowed by, if any."""
    return next((leaf for leaf in queryset.query.where.leaves() if isinstance(leaf, Found)), None)


def estimate(queryset: models.QuerySet[Any], found: Found) -> int:
    """How many records of the whole table PostgreSQL expects to be found, from how often it has met each token. Its
    index cannot count some of them: it lists all there are, or none."""
    hits = queryset.model._base_manager.using(queryset.db).filter(search_text__found=found.rhs)
    return int(json.loads(hits.order_by().values("pk").explain(format="json"))[0]["Plan"]["Plan Rows"])


GIN_HITS = f"SELECT {{pk}} FROM {{table}} WHERE {FUNCTION}(search_text) @@ %s::tsquery"  # noqa: S608  a constant
FTS_HITS = "SELECT rowid FROM {index} WHERE {index} MATCH %s"


def hits_sql(model: Any, query: Query, connection: Any) -> tuple[str, list[Any]]:
    """The numbers of all records of the table that are found. SQLite stops after as many as it is asked for."""
    names = _names(model, connection)
    if connection.vendor == "postgresql":
        return GIN_HITS.format(**names), [ts_query(query)]
    return FTS_HITS.format(**names), [fts_query(query)]


def hits(model: Any, query: Query) -> list[Any]:
    """The primary keys of all records of the table that are found."""
    connection = connections[router.db_for_read(model)]
    with connection.cursor() as cursor:
        cursor.execute(*hits_sql(model, query, connection))
        return [pk for (pk,) in cursor.fetchall()]


# Only the owner of an index may do that.
SETTLE = """
SELECT gin_clean_pending_list(oid) FROM pg_class WHERE oid = %s::regclass AND pg_has_role(relowner, 'USAGE')
"""


def settle(model: Any) -> None:
    """Before many lookups among records that were just written: PostgreSQL notes these in a list that each lookup reads
    from end to end, until it is told to put them in their places."""
    connection = connections[router.db_for_write(model)]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(SETTLE, [index_name(model._meta.db_table)])


def with_hits(found_models: Sequence[Any], query: Query, connection: Any) -> list[Any]:
    """Those of the models of which anything is found."""
    asked = [hits_sql(model, query, connection) for model in found_models]
    # Asked for one row, PostgreSQL reads its table in the hope to meet it soon, and all of it where there is none.
    form = "(SELECT COUNT(*) FROM ({} LIMIT 10) AS hits) > 0" if connection.vendor == "postgresql" else "EXISTS({})"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(form.format(sql) for sql, _parameters in asked),
            [value for _sql, parameters in asked for value in parameters],
        )
        return [model for model, hit in zip(found_models, cursor.fetchone(), strict=True) if hit]


# -- making it --------------------------------------------------------------------------------------------------------


def index_name(table: str) -> str:
    return f"{table}_search"


# Costs much more than a comparison, and PostgreSQL has to know that, or it makes the tokens of each row it passes.
CREATE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {FUNCTION}(text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500
AS $$ BEGIN RETURN array_to_tsvector(array_remove(array_remove(string_to_array($1, ' '), ''), E'\\n')); END $$
"""
DROP_FUNCTION = f"DROP FUNCTION {FUNCTION}(text)"

CREATE_GIN = f"CREATE INDEX {{index}} ON {{table}} USING gin ({FUNCTION}(search_text))"
# Without positions and sizes, as nothing is ranked by them; with the beginnings of one and two characters, which are
# shared by too many tokens to be gathered while somebody types. Everything but space separates no tokens.
CREATE_FTS = """
CREATE VIRTUAL TABLE {index} USING fts5(
    search_text, content='{name}', content_rowid='{pk}', detail='none', columnsize=0, prefix='1 2',
    tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co Cn'"
)
"""
FTS_REMOVE = "INSERT INTO {index}({index}, rowid, search_text) VALUES ('delete', old.{pk}, old.search_text);"
FTS_ADD = "INSERT INTO {index}(rowid, search_text) VALUES (new.{pk}, new.search_text);"
TRIGGERS = {
    "insert": f"AFTER INSERT ON {{table}} BEGIN {FTS_ADD} END",
    "delete": f"AFTER DELETE ON {{table}} BEGIN {FTS_REMOVE} END",
    "update": (
        "AFTER UPDATE OF search_text, {pk} ON {table} WHEN old.search_text <> new.search_text OR old.{pk} <> new.{pk} "
        f"BEGIN {FTS_REMOVE} {FTS_ADD} END"
    ),
}
REBUILD = "INSERT INTO {index}({index}) VALUES ('rebuild')"


def _names(model: Any, connection: Any) -> dict[str, str]:
    quote, name = connection.ops.quote_name, model._meta.db_table
    return {"name": name, "table": quote(name), "pk": model._meta.pk.column, "index": quote(index_name(name))}


def _create(model: Any, connection: Any) -> list[str]:
    names = _names(model, connection)
    if connection.vendor == "postgresql":
        return [CREATE_GIN.format(**names)]
    triggers = [f"CREATE TRIGGER {names['name']}_search_{when} {then}" for when, then in TRIGGERS.items()]
    return [statement.format(**names) for statement in (CREATE_FTS, *triggers, REBUILD)]


def _drop(model: Any, connection: Any) -> list[str]:
    names = _names(model, connection)
    if connection.vendor == "postgresql":
        return [f"DROP INDEX IF EXISTS {names['index']}"]
    triggers = [f"DROP TRIGGER IF EXISTS {names['name']}_search_{when}" for when in TRIGGERS]
    return [*triggers, f"DROP TABLE IF EXISTS {names['index']}"]


class AddSearchFunction(migrations.RunPython):
    """The function of the indexes of PostgreSQL."""

    def __init__(self) -> None:
        super().__init__(_on_postgresql(CREATE_FUNCTION), _on_postgresql(DROP_FUNCTION))


def _on_postgresql(statement: str) -> Any:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(statement, params=None)

    return run


class AddSearchIndex(Operation):
    """The search index of a model. A table made anew by a later migration of SQLite loses its triggers; see
    `restore_triggers`."""

    reversible = True
    reduces_to_sql = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        for statement in _create(model, schema_editor.connection):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        for statement in _drop(model, schema_editor.connection):
            schema_editor.execute(statement, params=None)

    def describe(self) -> str:
        return f"Search index of {self.model_name}"


def indexed_models(app_label: str | None = None) -> list[Any]:
    """The models that are searched."""
    labels = [app_label] if app_label else [config.label for config in apps.get_app_configs()]
    return [model for label in labels for model in apps.get_app_config(label).get_models() if is_searched(model)]


def is_searched(model: Any) -> bool:
    return bool(getattr(model, "searched", ()) or getattr(model, "searched_related", ()))


def missing(model: Any, connection: Any) -> list[str]:
    """What is lost of the model's index: on SQLite triggers, or the table itself; on PostgreSQL the index."""
    name = index_name(model._meta.db_table)
    if connection.vendor == "postgresql":
        wanted, sql = {name}, "SELECT indexname FROM pg_indexes WHERE indexname = %s"
        parameters: list[str] = [name]
    else:
        wanted = {name, *(f"{name}_{when}" for when in TRIGGERS)}
        sql = "SELECT name FROM sqlite_master WHERE name = %s OR type = 'trigger' AND tbl_name = %s"
        parameters = [name, model._meta.db_table]
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return sorted(wanted - {found for (found,) in cursor.fetchall()})


def restore_triggers(sender: Any, using: str, **kwargs: Any) -> None:
    """After migrations: SQLite changes a table by making a new one, whose rows the index then no longer follows."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    for model in indexed_models(sender.label):
        lost = missing(model, connection)
        if lost and index_name(model._meta.db_table) not in lost:  # where the index itself is missing, it comes later
            rebuild(model, connection)


def rebuild(model: Any, connection: Any) -> None:
    """Makes the index anew from the texts."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for statement in [*_drop(model, connection), *_create(model, connection)]:
            cursor.execute(statement)
    tidy(model, connection)


PAGES_AT_ONCE = 500
JOIN = "INSERT INTO {index}({index}, rank) VALUES('merge', %s)"


def tidy(model: Any, connection: Any) -> None:
    """Joins the pieces into which SQLite's index falls as records are written, a little at a time, so that others can
    write in between: what has to be looked up in one piece alone is found several times as fast. PostgreSQL cleans up
    by itself."""
    if connection.vendor == "postgresql":
        return
    statement, pages = JOIN.format(**_names(model, connection)), -PAGES_AT_ONCE  # below zero: begin with all pieces
    with connection.cursor() as cursor:
        while True:
            before = connection.connection.total_changes
            cursor.execute(statement, [pages])
            if connection.connection.total_changes - before < 2:  # as FTS5 tells that nothing is left to do
                return
            pages = PAGES_AT_ONCE
