"""What `expectations.toml` says, as questions that tests and the document ask. Knows nothing of the product."""

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("expectations.toml")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SAFE = ("GET", "HEAD", "OPTIONS")
VIEW, ADD = "V", "A"
OF_ROUTE = {"answer", "needs", "model", "also", "signed_out", "blind", "refused", "hidden", "record", "names", "args",
            "query", "body"}  # fmt: skip


@cache
def told() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def roles() -> list[str]:
    return list(told()["roles"])


def models() -> list[str]:
    return [name for name in told()["records"] if name != "columns"]


@dataclass(frozen=True)
class Entry:
    """One address of the file."""

    address: str
    said: dict[str, Any] = field(hash=False)

    @property
    def path(self) -> str:
        return self.address.partition("?")[0]

    @property
    def is_variant(self) -> bool:
        """The address of another entry, asked with a query."""
        return "?" in self.address

    def fits(self, path: str) -> bool:
        return _pattern(self.path).fullmatch(path) is not None

    def of(self, method: str) -> dict[str, Any] | None:
        """What holds for the method; None if there is no such method."""
        own = self.said.get(method) or (self.said.get("GET") if method == "HEAD" else None)
        if own is None:
            return None
        return {**{name: value for name, value in self.said.items() if name not in METHODS}, **own}


@cache
def _pattern(address: str) -> re.Pattern[str]:
    text = re.escape(address)
    for name, inner in (("model", "[a-z_]+/[a-z]+"), ("resource", _slugs(False)), ("list", _slugs(True))):
        text = text.replace(re.escape(f"{{{name}}}"), f"(?P<{name}>{inner})")
    return re.compile(text)


READ_ONLY = ("sectors", "channels", "lost-reasons", "event-kinds", "users")


def _slugs(read_only: bool) -> str:
    names = "|".join(READ_ONLY)
    return f"(?:{names})" if read_only else f"(?!(?:{names})/)[a-z-]+"


def entries() -> list[Entry]:
    return [Entry(address, said) for address, said in told()["routes"].items()]


def entries_for(path: str) -> list[Entry]:
    """The first entry that fits, and its variants."""
    first = next((entry for entry in entries() if not entry.is_variant and entry.fits(path)), None)
    return [entry for entry in entries() if first is not None and entry.path == first.address]


def area(path: str) -> dict[str, Any]:
    return next(said for start, said in told()["areas"].items() if path.startswith(start))


def may(role: str, letter: str, model: str) -> bool:
    said = told()["roles"][role]
    if "column" not in said:
        return False
    column = told()["records"]["columns"].index(said["column"]) + 1
    granted = letter in told()["records"][model][column]
    return granted and letter in said.get("letters", letter)


def reaches(role: str, model: str) -> bool:
    """Whether the role reaches the record of the Tokyo station, or of the officer, given the right."""
    reach, *overseers = told()["records"][model][0].split()
    if reach == "station":
        return not told()["roles"][role].get("elsewhere", False)
    return reach == "all" or role == "officer" or role in overseers


@dataclass(frozen=True)
class Answer:
    """`status`: a number, or "login". `hidden`: it must be the same as for an id that was never given."""

    status: Any
    allowed: bool = False
    hidden: bool = False


def expected(path: str, entry: Entry, method: str, role: str, model: str) -> Answer:
    """What the file says of one cell. `model`: whose address it is; empty for addresses of no model."""
    here, said = area(path), entry.of(method)
    by = told()["roles"][role]["by"]
    signed_out = (said or entry.said).get("signed_out", here["signed_out"])
    is_out = by == "nothing" or (by == "token" and not here["tokens"])
    if said is None:
        return _no_such_method(here, method, role, is_out, signed_out)
    if signed_out == said["answer"] and "needs" not in said:
        return Answer(signed_out, allowed=True)
    if is_out:
        return Answer(signed_out)
    if _may_not_write(here, method, role):
        return Answer(403)
    return _of_right(path, said, role, model)


def _no_such_method(here: dict[str, Any], method: str, role: str, is_out: bool, signed_out: Any) -> Answer:
    if here["no_such_method"] != "after sign-in":
        return Answer(here["no_such_method"])
    if is_out:
        return Answer(signed_out)
    return Answer(403 if _may_not_write(here, method, role) else 405)


def _may_not_write(here: dict[str, Any], method: str, role: str) -> bool:
    """Tokens that only read are refused before anything else is asked."""
    letters = told()["roles"][role].get("letters", "A")
    return here["no_such_method"] == "after sign-in" and method not in SAFE and ADD not in letters


def named_model(said: dict[str, Any], model: str) -> str:
    """Whose record the request is about."""
    return str(said.get("names", model)).replace("{model}", model)


def _of_right(path: str, said: dict[str, Any], role: str, model: str) -> Answer:
    needs = said.get("needs")
    sees = not model or may(role, VIEW, model)
    names_record = bool(re.search("<[a-z_]+>", path)) or "names" in said
    of_record = named_model(said, model)
    hidden = bool(of_record) and names_record and may(role, VIEW, of_record) and not reaches(role, of_record)
    if needs and not sees:
        return Answer(said.get("blind", 403))
    if hidden and "<" in path:
        return Answer(said.get("hidden", 404), hidden=True)
    if needs and not may(role, needs, model):
        return Answer(said.get("refused", 403))
    if hidden:
        return Answer(said.get("hidden", 404), hidden=True)
    if "also" in said and not may(role, said["also"][1], said["also"][0]):
        return Answer(said.get("refused", 403))
    return Answer(said["answer"], allowed=said["answer"] in (200, 201, 302))
