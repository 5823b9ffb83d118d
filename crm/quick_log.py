"""A call or meeting, written down in a moment on the page of whom or what it was about."""

from typing import Any

from django.db import transaction

from core.records import one_change
from crm.models import Interaction, Lead, Organization, Person


def log_talk(about: Organization | Person | Lead, *, by: Any, **fields: Any) -> Interaction:
    """Stores an interaction with those whom the record names and with `by` on our side, in one transaction.

    Raises ValidationError by field.
    """
    talk = Interaction(lead=about if isinstance(about, Lead) else None, is_sample=about.is_sample, **fields)
    with transaction.atomic(), one_change():
        talk.full_clean()
        talk.save()
        for name, chosen in _taking_part(about, by).items():
            talk.clean_links(name, chosen)
            getattr(talk, name).set(chosen)
    return talk


def _taking_part(about: Organization | Person | Lead, by: Any) -> dict[str, list[Any]]:
    organizations: list[Any] = []
    people: list[Any] = []
    if isinstance(about, Lead):
        organizations, people = [about.organization], [about.contact] if about.contact else []
    elif isinstance(about, Organization):
        organizations = [about]
    else:
        people = [about]
        organizations = [post.organization for post in about.affiliations.filter(ends_on__isnull=True)[:1]]
    return {"organizations": organizations, "people": people, "staff": [by]}
