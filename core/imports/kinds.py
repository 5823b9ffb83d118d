"""Which records can be imported, and what is particular about each kind. The apps declare theirs in `<app>/imports.py`.

Which columns may come in follows from the resource (`core.resources`): the same codes and labels as in its export.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core import access, resources
from core.resources import Resource


@dataclass(frozen=True)
class PartColumn:
    """A column that lists of others have and our export has not: one field of a part, e.g. an e-mail address.

    Columns with the same `slot` fill the same part. `given` is what else is known of it, `clean` tidies the cell's
    text. `several`: the cell may hold several, separated as in a list.
    """

    code: str
    label: Any
    parts: str  # code of the column of parts
    name: str
    slot: str = ""
    given: Mapping[str, Any] = field(default_factory=dict)
    clean: Callable[[str], str] | None = None
    several: bool = False
    help: Any = ""


@dataclass(frozen=True)
class SplitColumn:
    """One cell that fills several fields, e.g. a full name. `split` gets the text and answers a value for each."""

    code: str
    label: Any
    into: tuple[str, ...]
    split: Callable[[str], tuple[str, ...]]
    help: Any = ""


@dataclass(frozen=True)
class AsideColumn:
    """Something about a record that a row names and that may come into being with it (`Kind.new_related`)."""

    code: str
    label: Any
    model: str
    field: str
    help: Any = ""


@dataclass(frozen=True)
class Kind:
    """One importable kind of record; `slug` is that of its resource.

    `twins(drafts, finders)` says which records are there already: it answers for each draft the keys by which two rows
    are the same, and the records in the user's reach that have one of them. `synonyms` are headings, in any language,
    that lists of others have for a column. `defaults(user)` are values for rows that give none.
    """

    slug: str
    twins: Callable[..., list[tuple[set[Any], list[Any]]]]
    extras: tuple[PartColumn | SplitColumn | AsideColumn, ...] = ()
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    defaults: Callable[[Any], dict[str, Any]] = lambda user: {}
    parts_order: Mapping[str, Callable[[str], list[dict[str, str]]]] = field(default_factory=dict)
    new_related: Callable[..., Any] | None = None  # makes a record that a row names and that is missing
    recognised_by: Any = ""  # a sentence on how `twins` tells that a record is there already
    needs_name: str = ""  # a column that is needed although its field may be empty

    @property
    def resource(self) -> Resource:
        return resources.get(self.slug)

    @property
    def model(self) -> Any:
        return self.resource.model

    @property
    def label(self) -> Any:
        return self.model._meta.verbose_name_plural


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    _kinds[kind.slug] = kind
    return kind


def get(slug: str) -> Kind:
    """Raises KeyError for records that cannot be imported."""
    return _kinds[slug]


def everything() -> dict[str, Kind]:
    return dict(_kinds)


def allowed(user: Any) -> list[Kind]:
    """The kinds of which the user may add records."""
    return [kind for kind in _kinds.values() if access.may(user, "add", kind.model)]
