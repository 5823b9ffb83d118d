"""Finding the records that cells name: by id, number (O-000123), code, or name in any script, within the user's reach.

Batches ask for ids with one `IN` query, and for names with a few to the search index, whose tokens of whole names
answer all records that may be called so. How these spell their names is then compared as `core.search.fold` folds it.
Of a model that is not searched by all its names, the first name that is asked for reads those of all records in reach.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import access
from core.choices import LARGEST_ID
from core.imports.cells import in_all_languages, plain, shown
from core.records import Record
from core.search import Query, Term, fold, whole_tokens
from core.search_index import hits, is_searched, settle
from core.search_text import plain_fields

AT_ONCE = 2000
TOKENS_AT_ONCE = 500
SHOWN_CANDIDATES = 5
NOT_FOUND = _("There is no record “%(value)s” that you can reach.")
SEVERAL = _("Several records are called “%(value)s”: %(candidates)s. Write the number of the one that is meant.")

_KEY = re.compile(r"[\s・･·.,，、。'’\-‐－]+")


_known: dict[str, str] = {}  # keys of names that were asked for lately
MOST_KNOWN = 20_000


def key_of(name: str) -> str:
    """What two spellings of one name have in common: no white space, no dots, no width, no variants."""
    if name not in _known:
        learn_keys([name])
    return _known[name]


def learn_keys(names: Iterable[str]) -> None:
    """Works out the keys of many names at once: the converter behind `fold` is called once for all of them."""
    if len(_known) > MOST_KNOWN:
        _known.clear()
    new = [name for name in names if name not in _known]
    if new:
        folded = fold("\n".join(name.replace("\n", " ") for name in new)).split("\n")
        _known.update((name, _KEY.sub("", text)) for name, text in zip(new, folded, strict=True))


@dataclass(frozen=True)
class Names:
    """How records of a model are called. `paths` are read for all of them, `spellings` makes names of the values.

    `searched`: each spelling, or another that `variants` makes of it, is one of those texts that the record is searched
    by (`Record.searched`).
    """

    paths: tuple[str, ...]
    spellings: Callable[..., Iterable[str]] = lambda *values: values
    searched: bool = False
    variants: Callable[[str], tuple[str, ...]] = lambda name: (name,)


_names: dict[Any, Names] = {}


def register_names(model: Any, names: Names) -> None:
    """For models whose names are more than their `display_paths`."""
    _names[model] = names


def names_of(model: Any) -> Names:
    if model not in _names:
        own = [path for path in model.display_paths if "__" not in path]
        has_code = any(field.name == "code" for field in model._meta.fields)
        paths = (*own, "code") if has_code else tuple(own)
        searched = bool(paths) and is_searched(model) and set(paths) <= set(plain_fields(model.searched))
        _names[model] = Names(paths, searched=searched)
    return _names[model]


def spellings(record: Any) -> set[str]:
    """The keys of everything that a record is called."""
    names = names_of(type(record))
    values = [getattr(record, path, "") for path in names.paths if "__" not in path]
    missing = [""] * (len(names.paths) - len(values))
    own = {key_of(name) for name in names.spellings(*values, *missing) if name}
    return own | {key_of(name) for name in in_all_languages(_Lazy(record))}


class _Lazy:
    def __init__(self, record: Any) -> None:
        self.record = record

    def __str__(self) -> str:
        return str(self.record)


class Finder:
    """The records of one model that the user reaches. What was found is remembered for the whole file."""

    def __init__(self, model: Any, user: Any) -> None:
        self.model, self.user = model, user
        self.records: dict[int, Any] = {}
        self.missing: set[int] = set()
        self._called: dict[str, dict[int, None]] = {}  # the primary keys by the key of a name
        self._asked: set[str] = set()  # keys
        self._has_read_all = False

    def reachable(self) -> Any:
        return access.scoped(self.user, self.model, "view")

    def load(self, pks: Iterable[int]) -> None:
        """One query for what is not known yet."""
        wanted = iter({pk for pk in pks if pk not in self.records and pk not in self.missing})
        while some := list(islice(wanted, AT_ONCE)):
            found = self.reachable().in_bulk(some)
            self.records.update(found)
            self.missing.update(set(some) - set(found))

    def with_id(self, pk: int) -> Any:
        self.load([pk])
        return self.records.get(pk)

    def named(self, name: str) -> list[Any]:
        """All records of this name, current ones before archived ones; those only if there is no current one."""
        found = self.called([name])
        return [record for record in found if not getattr(record, "archived_at", None)] or found

    def prepare(self, names: Iterable[str]) -> None:
        """Loads all records of these names at once."""
        names = list(names)
        self._look_up(names)
        self.load(self._pks(names))

    def called(self, names: Iterable[str]) -> list[Any]:
        """All records that have one of these names."""
        names = list(names)
        self._look_up(names)
        pks = self._pks(names)
        if not pks:
            return []
        self.load(pks)
        return [self.records[pk] for pk in sorted(pks) if pk in self.records]

    def _pks(self, names: Iterable[str]) -> set[int]:
        return {pk for name in names if (found := self._called.get(key_of(name))) for pk in found}

    def add(self, record: Any) -> None:
        """A record that comes into being with this file."""
        for key in spellings(record):
            self._called.setdefault(key, {})[record.pk] = None
        self.records[record.pk] = record

    # -- asking the database ------------------------------------------------------------------------------------------

    def _look_up(self, names: list[str]) -> None:
        if self._has_read_all:
            return
        learn_keys(names)
        variants_of = names_of(self.model).variants
        new = {name: variants_of(name) for name in dict.fromkeys(names) if not self._is_asked(variants_of(name))}
        if not new:
            return
        variants = [variant for some in new.values() for variant in some]
        tokens = whole_tokens(variants) if names_of(self.model).searched else []
        if not tokens or not all(tokens):  # a name without letters has no place in the index
            self._read_all()
            return
        self._asked.update(map(key_of, variants))
        self._read_with({token for found in tokens for token in found}, self._asked)

    def _is_asked(self, variants: Iterable[str]) -> bool:
        """太郎山田 may have been asked for without its being known where the family name begins; 太郎 山田 says it."""
        return all(key_of(variant) in self._asked for variant in variants)

    def _read_all(self) -> None:
        self._has_read_all = True
        self._read(self.reachable())

    def _read_with(self, tokens: Iterable[str], keys: set[str]) -> None:
        settle(self.model)
        source = iter(tokens)
        while some := list(islice(source, TOKENS_AT_ONCE)):
            pks = hits(self.model, Query(tuple((Term(token),) for token in some)))
            for at in range(0, len(pks), AT_ONCE):
                self._read(self.reachable().filter(pk__in=pks[at : at + AT_ONCE]), keys)

    def _read(self, records: Any, keys: set[str] | None = None) -> None:
        """Notes how these are called; with `keys`, of these names alone, so that little is kept."""
        names = names_of(self.model)
        source = records.order_by("pk").values_list("pk", *names.paths).iterator(chunk_size=AT_ONCE)
        while some := list(islice(source, AT_ONCE)):
            # Joined, so that the converter behind `fold` is called once for all of them.
            found = [(pk, name) for pk, *values in some for name in names.spellings(*(value or "" for value in values))]
            found = [(pk, name.replace("\n", " ")) for pk, name in found if name]
            folded = fold("\n".join(name for _pk, name in found)).split("\n")
            for (pk, _name), text in zip(found, folded, strict=True):
                key = _KEY.sub("", text)
                if keys is None or key in keys:
                    self._called.setdefault(key, {})[pk] = None


def as_number(text: str, model: Any) -> int | None:
    """The id in `123` or in `O-000123`; None where it is neither."""
    text = plain(text)
    prefix = getattr(model, "reference_prefix", "")
    if prefix and text.casefold().startswith(f"{prefix.casefold()}-"):
        text = text[len(prefix) + 1 :]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return int(text) if int(text) <= LARGEST_ID else 0


def is_reference(text: str, model: Any) -> bool:
    prefix = getattr(model, "reference_prefix", "")
    return bool(prefix) and not plain(text).isdigit() and as_number(text, model) is not None


def not_found(value: Any) -> ValidationError:
    return ValidationError(NOT_FOUND, code="does_not_exist", params={"value": shown(value)})


def the_one(found: list[Any], value: Any) -> Any:
    """Raises ValidationError for no record, and for several, which it lists."""
    if len(found) == 1:
        return found[0]
    if not found:
        raise not_found(value)
    named = ", ".join(described(record) for record in found[:SHOWN_CANDIDATES])
    params = {"value": shown(value), "candidates": named + (" …" if len(found) > SHOWN_CANDIDATES else "")}
    raise ValidationError(SEVERAL, code="ambiguous", params=params)


def described(record: Any) -> str:
    """`O-000012 NEC`; without a number of its own kind, the id."""
    return f"{record.reference if isinstance(record, Record) else record.pk} {record}"
