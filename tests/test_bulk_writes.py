"""Writes that send no signals leave no entry in the change history by themselves, so each has its reason here.

A place that stores content in bulk is `AUDITED`: it calls one of the functions of `core.audit` beside it.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("config", "demo", "projects", "events", "crm", "core")
WITHOUT_SIGNALS = {"bulk_create", "bulk_update", "update", "_raw_delete", "clear", "execute", "executemany", "copy"}
# These send signals, so they are audited; but they go past `Part.delete`, which raises the version of the whole.
PAST_THE_MODEL = {"delete"}
FOUND = WITHOUT_SIGNALS | PAST_THE_MODEL | {f"a{name}" for name in WITHOUT_SIGNALS | PAST_THE_MODEL}
AUDITED = {"record_creations", "record_changes", "record_removals", "record_links"}
NO_QUERY = "a dictionary"
READS = "reads, and writes nothing"
ALLOWED = {
    "core/admin/base.py: RecordAdmin.render_change_form": NO_QUERY,
    "core/admin/lists.py: ResourceAdmin.changelist_view": NO_QUERY,
    "core/api/authentication.py: note_use": "last_used_at is bookkeeping, not content",
    "core/api/idempotency.py: _lock": READS,
    "core/api/parts.py: replace_parts": "an instance, whose own delete raises the version",
    "core/audit.py: _store": "writes the entries themselves",
    "core/audit.py: clear_before": "the removal by age, which leaves an entry of its own",
    "core/exports.py: finish_log": "ExportLog is a log",
    "core/exports.py: snapshot": READS,
    "core/health.py: _database": READS,
    "core/idempotency.py: KeptAnswer.clear_expired": "kept answers are no content",
    "core/idempotency.py: KeptAnswer.current": "kept answers are no content",
    "core/records.py: Part.delete": "the method itself, which raises the version of the whole",
    "core/records.py: Record._claim": "the version; the save that follows is audited",
    "core/records.py: Record.content_changed": "version and search text; what changed is audited where it is stored",
    "core/worker.py: WorkerBeat.beat": "signs of life are no content",
    "demo/known.py: Known._forget_deleted": "remembers what the demo has made, in trials only",
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
        if isinstance(call.func, ast.Attribute) and name in FOUND and not is_of_python(name, call):
            self.found.append(place)


def is_of_python(name, call):
    """`QuerySet.update` takes keywords only, the `copy` of a cursor a statement."""
    return bool(call.args and not call.keywords) if name == "update" else name == "copy" and not call.args


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
    assert [place for place, audited in bulk_writes().items() if not audited and place not in ALLOWED] == []


def test_no_reason_is_left_over():
    assert set(ALLOWED) <= set(bulk_writes())


@pytest.mark.parametrize(
    "write",
    [
        "Lead.objects.bulk_create(leads)",
        "Lead.objects.filter(pk=1).update(stage='won')",
        "queryset.update(**values)",
        "cursor.execute('DELETE FROM crm_lead')",
        "lead.collaborators.clear()",
        "Alias.objects.all().delete()",
    ],
)
def test_every_kind_of_bulk_write_is_found(write):
    places = Places(f"class Import:\n    def run(self):\n        {write}\n")
    assert places.found == ["Import.run"]
    assert not places.called["Import.run"] & AUDITED


def test_a_bulk_write_beside_its_entries_is_recognised():
    places = Places("def run():\n    Lead.objects.bulk_create(leads)\n    record_creations(leads)\n")
    assert places.called["run"] & AUDITED


def test_sets_and_dictionaries_are_left_alone():
    assert not Places("found.update(others)").found
