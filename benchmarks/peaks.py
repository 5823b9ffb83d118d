"""How much memory a file of all leads takes while it is made, above the level before: the same for any number."""

from collections.abc import Callable, Iterator

from benchmarks.memory import peak_growth
from benchmarks.report import Figure
from core import access, resources
from core.exports import Export, csv_chunks

MOST = 150  # MB


def figures() -> Iterator[Figure]:
    for headers in ("labels", "codes"):
        grown = peak_growth(export(headers))
        if grown is not None:
            yield Figure(f"CSV export of all leads with {headers}, peak memory", grown, "MB", MOST)


def export(headers: str) -> Callable[[], None]:
    resource = resources.get("leads")

    def run() -> None:
        queryset = resource.ordered(resource.all(access.SYSTEM, "export"))
        made = Export(resource, queryset, access.SYSTEM, resource.columns.listed(), headers)
        for _chunk in csv_chunks(made):
            pass
        if not made.complete:
            raise RuntimeError("the export broke off")

    return run
