"""Writes that send no signals leave no entry in the change history by themselves, so each has its reason here.

A place that stores content in bulk is `AUDITED`: it calls one of the functions of `core.audit` beside it.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "demo", "projects", "events", "crm", "core")
WITHOUT_SIGNALS = {"bulk_create", "bulk_update", "update", "_raw_delete", "clear", "execute", "executemany", "copy"}
WITHOUT_SIGNALS |= {"bulk_insert", "insert_rows"}
# These send signals, so they are audited; but they go past `Part.delete`, which raises the version of the whole.
PAST_THE_MODEL = {"delete"}
FOUND = WITHOUT_SIGNALS | PAST_THE_MODEL | {f"a{name}" for name in WITHOUT_SIGNALS | PAST_THE_MODEL}
AUDITED = {"record_creations", "record_changes", "record_removals", "record_links"}
NO_QUERY = "a dictionary or a set"
READS = "reads, and writes nothing"
SIGNALS = "deletes instance by instance, with signals"
IMPORTS = "where an import stands is no content; what it does to records is audited with them"
ALLOWED = {
    "core/accounts.py: User.save": "sessions are no content",
    "core/admin/base.py: RecordAdmin.render_change_form": NO_QUERY,
    "core/admin/filtered.py: FilteredAdmin.changelist_view": NO_QUERY,
    "core/admin/list_views.py: ListViews.changelist_view": NO_QUERY,
    "core/admin/saved_views.py: SavedViewAdmin.remove_view": "an instance, with signals",
    "core/admin/lists.py: ResourceAdmin._ordered_as_seen": NO_QUERY,
    "core/api/authentication.py: note_use": "last_used_at is bookkeeping, not content",
    "core/api/parts.py: replace_parts": "an instance, whose own delete raises the version",
    "core/api/reading.py: rows": READS,
    "core/audit.py: _store": "writes the entries themselves",
    "core/audit.py: _store_creations": "writes the entries themselves",
    "core/audit.py: clear_before": "the removal by age, which leaves an entry of its own",
    "core/calendar_feed.py: CalendarFeed.note_use": "last_used_at is bookkeeping, not content",
    "core/calendar_feed.py: CalendarFeed.revoke": "an instance, which sends signals",
    "core/export_postgresql.py: lines": READS,
    "core/export_sqlite.py: lines": READS,
    "core/exports.py: csv_chunks": NO_QUERY,
    "core/exports.py: finish_log": "ExportLog is a log",
    "core/idempotency.py: KeptAnswer.clear_expired": "kept answers are no content",
    "core/idempotency.py: KeptAnswer.current": "kept answers are no content",
    "core/imports/choices.py: _store": IMPORTS,
    "core/imports/choices.py: discard": IMPORTS,
    "core/imports/planning.py: Plan._value": NO_QUERY,
    "core/imports/relations.py: learn_keys": NO_QUERY,
    "core/imports/running.py: _claimed": IMPORTS,
    "core/imports/running.py: _fail": IMPORTS,
    "core/imports/running.py: _move": IMPORTS,
    "core/imports/running.py: _write": IMPORTS,
    "core/imports/writing.py: Writer._note_added": "notes for the undo",
    "core/imports/writing.py: Writer.write": "notes for the undo; the records go through `create_many`",
    "core/imports/undoing.py: _delete": SIGNALS,
    "core/imports/undoing.py: _note_undone": IMPORTS,
    "core/imports/undoing.py: _restore": "an instance, whose own delete raises the version",
    "core/imports/undoing.py: stays": IMPORTS,
    "core/imports/undoing.py: undo": IMPORTS,
    "core/imports/undoing.py: undo_import": IMPORTS,
    "core/imports/undoing.py: undo_later": IMPORTS,
    "core/imports/uploads.py: clear_old_files": IMPORTS,
    "core/imports/work.py: _store": IMPORTS,
    "core/list_plan.py: fetched": READS,
    "core/management/commands/import_records.py: Command._run": IMPORTS,
    "core/management/commands/import_records.py: _forget_unless_done": IMPORTS,
    "core/merge_moves.py: _with": "copies an instance in memory",
    "core/merge_moves.py: Touched.raise_versions": "the versions; what changed is audited where it is moved",
    "core/merges.py: _lock_for_others": READS,
    "core/merges.py: refuse_merged": READS,
    "core/records.py: Part.delete": "the method itself, which raises the version of the whole",
    "core/records.py: PartQuerySet.bulk_create": "as Django's; its callers are looked at",
    "core/records.py: PartQuerySet.delete": "as Django's; its callers are looked at",
    "core/records.py: PartQuerySet.update": "as Django's; its callers are looked at",
    "core/records.py: Record._claim": "the version; the save that follows is audited",
    "core/records.py: Record.content_changed": "version and search text; what changed is audited where it is stored",
    "core/records.py: RecordQuerySet.bulk_create": "as Django's; its callers are looked at",
    "core/records.py: RecordQuerySet.update": "as Django's; its callers are looked at",
    "core/rights.py: _rights": READS,
    "core/search_text.py: _store": "the text for the search is made of what is audited",
    "core/tasks.py: refresh_statistics": "what SQLite knows of its indexes is no content",
    "core/tasks.py: clear_expired": "sign-ins and failed attempts are logs",
    "core/worker.py: WorkerBeat.beat": "signs of life are no content",
    "demo/known.py: Known._forget_deleted": "remembers what the demo has made, in trials only",
}
# Whole files for which one reason holds.
ALLOWED_FILES = {
    "core/bulk_insert.py": "stores what it is given; its callers are looked at",
    "core/search_index.py": "the index of the search is made of what is audited",
    "core/sessions.py": "sessions are no content; how they end is logged with the sign-ins",
    "core/throttle.py": "failed attempts are no content",
    "demo/sample/loading.py": "settings of the database while the sample is stored",
    "demo/sample/storing.py": "fills an empty database, its entries included (`demo/sample/audit.py`)",
}


class Places:
    """Each function with a call that is looked for, and what each function calls."""

    def __init__(self, source):
        self.found, self.called = [], {}
        self.walk(ast.parse(source), [])

    def walk(self, node, within):
        if isinstance(node, ast.Call):
            self.note(node, ".".join(within) or "module")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            within = [*within, node.name]
        for child in ast.iter_child_nodes(node):
            self.walk(child, within)

    def note(self, call, place):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        self.called.setdefault(place, set()).add(name)
        if name in FOUND and not (is_of_python(name, call) or reads(name, call)):
            self.found.append(place)


def is_of_python(name, call):
    """`QuerySet.update` takes keywords only, the `copy` of a cursor a statement."""
    return bool(call.args and not call.keywords) if name == "update" else name == "copy" and not call.args


def reads(name, call):
    """A statement that stands there and changes nothing that is stored."""
    statement = getattr(call.args[0], "value", None) if name == "execute" and call.args else None
    return str(statement).lstrip("( ").startswith(("SELECT", "PRAGMA", "SET "))


def files():
    paths = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return {str(path.relative_to(ROOT)): path for path in paths if "migrations" not in path.parts}


def bulk_writes():
    found = {}
    for name, path in files().items():
        places = Places(path.read_text(encoding="utf-8"))
        found |= {f"{name}: {place}": bool(places.called[place] & AUDITED) for place in places.found}
    return found


def test_a_bulk_write_is_audited_or_has_a_reason():
    assert [place for place, audited in bulk_writes().items() if not (audited or has_a_reason(place))] == []


def has_a_reason(place):
    return place in ALLOWED or place.partition(":")[0] in ALLOWED_FILES


def test_no_reason_is_left_over():
    found = bulk_writes()
    assert set(ALLOWED) <= {place for place, audited in found.items() if not audited}
    assert set(ALLOWED_FILES) <= {place.partition(":")[0] for place in found}


@pytest.mark.parametrize(
    "write",
    [
        "Lead.objects.bulk_create(leads)",
        "Lead.objects.filter(pk=1).update(stage='won')",
        "queryset.update(**values)",
        "cursor.execute('DELETE FROM crm_lead')",
        "lead.collaborators.clear()",
        "Alias.objects.all().delete()",
        "bulk_insert(leads)",
    ],
)
def test_every_kind_of_bulk_write_is_found(write):
    places = Places(f"class Import:\n    def run(self):\n        {write}\n")
    assert places.found == ["Import.run"]
    assert not places.called["Import.run"] & AUDITED


def test_a_bulk_write_beside_its_entries_is_recognised():
    places = Places("def run():\n    Lead.objects.bulk_create(leads)\n    record_creations(leads)\n")
    assert places.called["run"] & AUDITED


@pytest.mark.parametrize("statement", ["SELECT 1", "PRAGMA cache_spill = 0", "SET LOCAL jit = off"])
def test_a_statement_that_only_reads_is_left_alone(statement):
    assert not Places(f"cursor.execute('{statement}', [1])").found


def test_sets_and_dictionaries_are_left_alone():
    assert not Places("found.update(others)").found
