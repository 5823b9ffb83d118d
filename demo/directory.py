"""The directory of listed Japanese companies, real and public, in which search and matching have something to find."""

import csv

from crm.organizations import Organization
from demo.builder import Builder
from demo.files import DATA
from demo.known import Known

SOURCE = "EDINET, PDL1.0"


def load_directory(known: Known) -> None:
    builder = Builder(known, is_sample=False)
    with (DATA / "directory_ja.csv").open(encoding="utf-8", newline="") as file:
        for company in csv.DictReader(line for line in file if not line.startswith("#")):
            sector = company.pop("sector")
            key = company["corporate_number"]
            builder.create(
                Organization,
                {"key": key, "kind": "company", "country": "JP", "source": SOURCE, "sectors": [sector], **company},
            )
