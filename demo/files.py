"""The two data files: the Tokyo conference, which is real, and the sample around it, which is invented."""

import tomllib
from collections.abc import Callable
from functools import partial
from pathlib import Path

from django.db.models import Model

from crm.interactions import Interaction
from crm.organizations import Organization
from crm.people import Person
from crm.stations import LiaisonStation
from demo.builder import Builder, Row
from demo.known import Known
from demo.pipeline import load_lead, load_project
from events.events import Event
from projects.contracts import Batch, Contract
from projects.zones import Zone

DATA = Path(__file__).parent / "data"


def load_record(model: type[Model], builder: Builder, row: Row) -> None:
    builder.create(model, row)


def load_interaction(builder: Builder, row: Row) -> None:
    builder.create(Interaction, {**row, "created_at": row["starts_at"]})


# In this order, because later tables name records of earlier ones.
TABLES: dict[str, Callable[[Builder, Row], None]] = {
    "organizations": partial(load_record, Organization),
    "people": partial(load_record, Person),
    "stations": partial(load_record, LiaisonStation),
    "zones": partial(load_record, Zone),
    "leads": load_lead,
    "interactions": load_interaction,
    "events": partial(load_record, Event),
    "projects": load_project,
    "batches": partial(load_record, Batch),
    "contracts": partial(load_record, Contract),
}


def load_conference(known: Known) -> None:
    _load("conference.toml", Builder(known, is_sample=False))


def load_sample(known: Known) -> None:
    _load("sample.toml", Builder(known, is_sample=True))


def _load(name: str, builder: Builder) -> None:
    tables = tomllib.loads((DATA / name).read_text(encoding="utf-8"))
    if unknown := tables.keys() - TABLES.keys():
        raise LookupError(f"{name} has tables that nobody loads: {', '.join(sorted(unknown))}.")
    for table, load in TABLES.items():
        for row in tables.get(table, ()):
            load(builder, row)
