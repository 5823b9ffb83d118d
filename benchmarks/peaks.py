"""How much memory a file of leads takes while it is made, above the level before: the same for any number."""

import tempfile
from collections.abc import Callable, Iterator

from benchmarks.memory import peak_growth
from benchmarks.report import Figure
from core import access, resources
from core.exports import Export, csv_chunks, write_xlsx

MOST = 150  # MB
IN_A_WORKBOOK = 20_000  # leads: a cell of a workbook takes a hundred times as long as one of CSV


def figures() -> Iterator[Figure]:
    works = {
        "CSV export of all leads with labels, peak memory": lambda: csv("labels"),
        "CSV export of all leads with codes, peak memory": lambda: csv("codes"),
        f"XLSX export of {IN_A_WORKBOOK:,} leads, peak memory": workbook,
    }
    for subject, work in works.items():
        grown = peak_growth(checked(work))
        if grown is not None:
            yield Figure(subject, grown, "MB", MOST)


def checked(work: Callable[[], Export]) -> Callable[[], None]:
    def run() -> None:
        if not work().complete:
            raise RuntimeError("the export broke off")

    return run


def export(headers: str, most: int | None = None) -> Export:
    resource = resources.get("leads")
    queryset = resource.ordered(resource.all(access.SYSTEM, "export"))
    if most:
        queryset = queryset.filter(pk__lte=most)
    return Export(resource, queryset, access.SYSTEM, resource.columns.listed(), headers)


def csv(headers: str) -> Export:
    made = export(headers)
    for _chunk in csv_chunks(made):
        pass
    return made


def workbook() -> Export:
    made = export("labels", IN_A_WORKBOOK)
    with tempfile.TemporaryFile() as file:
        write_xlsx(made, file)
    return made
