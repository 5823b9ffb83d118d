"""Writes `docs/access.md`, the matrix for people, from `expectations.toml`: `python -m tests.access.document`."""

import re
from pathlib import Path

from tests.access import expected

FILE = Path(__file__).resolve().parents[2] / "docs" / "access.md"
HEAD = """\
# Who may do what

Made by `python -m tests.access.document` from `tests/access/expectations.toml`; change that file, not this one. The
tests ask every address with every method in every role and compare (`tests/access/test_matrix.py`).

- Officer, event manager and contract manager work at the station of the record; *elsewhere* is an officer of another.
- `login`: the reader is sent to the login page. Refusals are bold. Elsewhere **404** is the same answer, byte by byte,
  as for an id that was never given.
- HEAD answers as GET. Methods that a table does not name answer 405 (in the API after signing in).
- Whoever is refused has written nothing.

## Rights

V view, A add, C change, R archive and restore, X export. Nothing is ever deleted.

"""
RULES = """
A record that is reached by its *station* is seen by the members of the station, its owner, the people named in it
(collaborators, staff who took part), and by those who see all stations. Of what only some see:

- its owner, the people of its station, and who sees all stations are in charge of it: they hand it over, choose its
  collaborators, and move it to another station, which must be one of their own (or anywhere, for who sees all);
- somebody from elsewhere who works along may change everything else;
- stage and status change only by their moves, the version only by saving, archiving only by its own page and address;
  id, time and author of creation never change.

The change history shows an entry to who may see its record (of accounts: to who manages them), to those who see all
stations every entry. Exports are shown to who made them, to managers of accounts, and to those who see all stations.
Rights are asked anew with each request, so what is taken away (a role, a membership, the account, a token) ends at
once. An account that leaves the staff also loses the tokens that it made as one of it.

## Answers

"""
SHORT = {
    "not signed in": "signed out", "no rights": "no rights", "officer": "officer", "officer elsewhere": "elsewhere",
    "event manager": "events", "contract manager": "contracts", "auditor": "auditor", "director": "director",
    "reading token": "token: read", "exporting token": "token: export", "writing token": "token: write",
}  # fmt: skip


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def rights() -> str:
    head, *said = expected.told()["records"].items()
    rows = [[f"`{model}`", *(cell.replace(".", "–") for cell in cells)] for model, cells in said]
    return table(["records", "reach", *head[1]], rows)


def answers(routes: list) -> str:  # type: ignore[type-arg]
    """A table for each kind of record; models with the same answers share one."""
    tables: dict[str, list[str]] = {}
    for group in dict.fromkeys(route.group for route in routes):
        found = table(["address", "method", *SHORT.values()], _rows([r for r in routes if r.group == group]))
        tables.setdefault(found, []).append(group)
    return "\n".join(f"### {', '.join(groups)}\n\n{found}" for found, groups in sorted(tables.items(), key=_first))


def _first(found: tuple[str, list[str]]) -> tuple[bool, str]:
    return found[1][0] != "site", found[1][0]


def _rows(routes: list) -> list[list[str]]:  # type: ignore[type-arg]
    rows = []
    for route in routes:
        for entry in expected.entries_for(route.path):
            for method in expected.METHODS:
                if entry.of(method) is not None and (method != "HEAD" or "HEAD" in entry.said):
                    model = entry.said.get("model", route.model)
                    cells = (expected.expected(route.path, entry, method, role, model) for role in expected.roles())
                    rows.append([f"`{_short(entry.address)}`", method, *(_cell(cell) for cell in cells)])
    return rows


def _short(address: str) -> str:
    return re.sub(r"^(/admin/{model}|/api/v1/{(resource|list)})/", "…/", address)


def _cell(cell: expected.Answer) -> str:
    return f"{cell.status}" if cell.allowed else f"**{cell.status}**"


def text() -> str:
    from tests.access.routes import everything  # noqa: PLC0415  Django must be set up first

    return HEAD + rights() + RULES + answers(sorted(everything(), key=lambda route: route.group))


if __name__ == "__main__":
    import deploy.pytest_env  # noqa: F401, I001  the environment of the tests
    import django

    django.setup()
    FILE.write_text(text(), encoding="utf-8")
