"""One search over every kind of record that a user may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, router

from core import access, ordering, resources
from core.arms import with_condition
from core.list_plan import hits_up_to, is_postgresql, some_hits
from core.listing import Listing
from core.records import Record
from core.resources import Resource
from core.search import Query, beginning, parse
from core.search_index import FoundLately, is_searched, lookup_in, with_hits

PER_KIND = 5
LONGEST_QUERY = 200
# Of what is found more often than this, a handful of the newest is soon met among all records.
RARE, MANY = 2000, 200


@dataclass(frozen=True)
class Group:
    """The records of one kind that were found, best first; `more` tells whether there are others."""

    resource: Resource
    records: list[Any]
    more: bool


def searchable() -> list[Resource]:
    """The kinds that are searched: who first, then where we meet, then what comes of it, as the apps build on each
    other."""
    apps_upwards = [config.label for config in reversed([*apps.get_app_configs()])]
    found = [
        resource
        for resource in resources.everything().values()
        if resource.within is None and issubclass(resource.model, Record) and is_searched(resource.model)
    ]
    return sorted(found, key=lambda resource: apps_upwards.index(resource.model._meta.app_label))


def find(user: Any, text: str, limit: int = PER_KIND) -> list[Group]:
    """Current records with all words of the text, at most `limit` of each kind: first those of which a name begins like
    it, then the newest."""
    query = parse(text)
    if not query.ways or "\x00" in text or len(text) > LONGEST_QUERY:
        return []
    kinds = [resource for resource in searchable() if access.may(user, "view", resource.model)]
    groups = (_group(user, resource, text, limit) for resource in _promising(kinds, query, text))
    return [group for group in groups if group.records]


def _promising(kinds: Sequence[Resource], query: Query, text: str) -> list[Resource]:
    """Without the kinds of which nobody would find anything: one question instead of several for each."""
    models: list[Any] = [resource.model for resource in kinds]
    if not models:
        return []
    hit = with_hits(models, query, connections[router.db_for_read(models[0])])
    numbered = [model for model in models if any(model.number_in(word) is not None for word in text.split())]
    return [resource for resource in kinds if resource.model in (*hit, *numbered)]


def _group(user: Any, resource: Resource, text: str, limit: int) -> Group:
    model: Any = resource.model
    reachable = access.scoped(user, model).active()
    pks = _beginning(reachable, beginning(text), limit + 1)
    if len(pks) <= limit:
        pks = list(dict.fromkeys([*pks, *_newest(reachable.search(text), limit + 1)]))
    named = [path.rpartition("__")[0] for path in model.display_paths if "__" in path]
    records = model._default_manager.prefetch_related(*named, *model.found_with).in_bulk(pks[:limit])
    return Group(resource, [records[pk] for pk in pks[:limit] if pk in records], more=len(pks) > limit)


def _beginning(reachable: Any, query: Query, size: int) -> list[Any]:
    """The primary keys of those of which a name begins so: of many any, of few the newest first."""
    hits = some_hits(reachable.model, query, MANY)
    pks = list(reachable.filter(pk__in=hits).order_by("-pk").values_list("pk", flat=True)[:size]) if hits else []
    if len(pks) == size or len(hits) < MANY:
        return pks
    begin = reachable.filter(search_text__found=query).order_by()
    return sorted(begin.values_list("pk", flat=True)[:size], reverse=True)


def _newest(found: Any, size: int) -> list[Any]:
    """The primary keys of the newest of the records found."""
    lookup = lookup_in(found)
    if lookup is not None and not is_postgresql(found):
        lately = with_condition(found, lookup, FoundLately(lookup.lhs, lookup.rhs)).order_by("-pk")
        pks = list(lately.values_list("pk", flat=True)[:size])
        if len(pks) == size or hits_up_to(found.model, lookup.rhs, FoundLately.MOST + 1) <= FoundLately.MOST:
            return pks
    return Listing(found, ordering.keys(found.model, ["-pk"]), most=MANY, rare=RARE).pks(0, size)
