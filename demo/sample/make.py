"""Makes the whole sample, table by table."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterator

from auditlog.models import LogEntry
from django.apps import apps
from django.db.models import Model

from core.audit import OWN_APPS
from core.records import Record
from demo.sample.companies import organizations
from demo.sample.contracts import batches, contracts
from demo.sample.investments import projects
from demo.sample.leads import leads
from demo.sample.loading import loading
from demo.sample.meetings import meetings
from demo.sample.people import people
from demo.sample.searching import stamped
from demo.sample.staff import stations
from demo.sample.storing import store
from demo.sample.talks import interactions
from demo.sample.world import Maker, World
from demo.sample.zones import zones

# In this order, because later ones refer to what earlier ones made.
MAKERS: tuple[Maker, ...] = (
    stations,
    organizations,
    people,
    zones,
    leads,
    interactions,
    meetings,
    projects,
    batches,
    contracts,
)
Progress = Callable[[str, int], None]


def filled_models() -> list[type[Model]]:
    """All models that the sample may fill, with the tables of their links."""
    own = [model for label in OWN_APPS for model in apps.get_app_config(label).get_models(include_auto_created=True)]
    return [*own, LogEntry]


def records_present() -> Iterator[str]:
    """Labels of the kinds of record of which there are some."""
    for model in filled_models():
        if issubclass(model, Record) and model._base_manager.exists():
            yield str(model._meta.verbose_name_plural)


def make_sample(
    leads: int, seed: int, until: datetime.date, progress: Progress = lambda label, rows: None
) -> Counter[str]:
    """Stores the sample in one transaction and answers the number of rows by label of the model.

    `progress` is told of each portion that is stored, and of the end of the storing with an empty label.
    """
    made: Counter[str] = Counter()
    with loading(filled_models()):
        world = World(leads, seed, until)
        for maker in MAKERS:
            for rows in maker(world):
                made[rows.model._meta.label] += (size := store(stamped(rows)))
                progress(rows.model._meta.label, size)
        progress("", 0)
    return made
