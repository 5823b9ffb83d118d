"""Which records can be imported, and what is particular about each kind. The apps declare theirs in `<app>/imports.py`.

Which columns may come in follows from the resource (`core.resources`): the same codes and labels as in its export.
"""

from dataclasses import dataclass
from typing import Any

from core import access, resources
from core.resources import Resource


@dataclass(frozen=True)
class Kind:
    """One importable kind of record; `slug` is that of its resource."""

    slug: str

    @property
    def resource(self) -> Resource:
        return resources.get(self.slug)

    @property
    def label(self) -> Any:
        return self.resource.model._meta.verbose_name_plural


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
    return [kind for kind in _kinds.values() if access.may(user, "add", kind.resource.model)]
