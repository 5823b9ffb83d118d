"""Leads and projects, which reach their stage step by step, as people moved them."""

import datetime
from typing import Any

from core.accounts import User
from core.request_context import acting
from core.stages import Flow
from crm.leads import STAGE_FLOW as LEAD_STAGES
from crm.leads import Lead
from demo.builder import Builder, Row
from projects import projects
from projects.conversion import convert
from projects.projects import Project


def load_lead(builder: Builder, row: Row) -> None:
    path = row.pop("stages")
    row["created_at"] = path[0][1]
    if lead := builder.create(Lead, row):
        walk(builder, lead, LEAD_STAGES, path[1:])


def load_project(builder: Builder, row: Row) -> None:
    """Opens the project from its lead, as users do; the first investor is the lead's organization."""
    key, lead = row.pop("key"), builder.known.get(Lead, row.pop("lead"))
    if builder.known.has(Project, key):
        return
    stages, statuses = row.pop("stages"), row.pop("statuses", [])
    investor, *row["investors"] = row["investors"]
    with acting(lead.owner):
        opened_at = builder.calendar.moment(stages[0][1], datetime.time(16), lead.station.time_zone)
        owner = builder.known.get(User, row["owner"])
        project = convert(lead, owner=owner, name=row["name"], created_at=opened_at)
        builder.fill(project.investors.get(), investor)
    with acting(owner):
        builder.fill(project, row)
    builder.known.add(key, project)
    walk(builder, project, projects.STAGE_FLOW, stages[1:])
    walk(builder, project, projects.STATUS_FLOW, statuses)


def walk(builder: Builder, record: Any, flow: Flow, path: list[Any]) -> None:
    """Each step is `[value, day]` or `[value, day, details of the row of history]`."""
    changes: Any = record._meta.get_field(flow.changes).related_model
    with acting(record.owner):
        for number, (value, day, *details) in enumerate(path, start=1):
            # Steps of one day follow each other by half an hour, after the record was made.
            time = datetime.time(10 + number // 2, 30 * (number % 2))
            moment = builder.calendar.moment(day, time, record.station.time_zone)
            flow.move(record, value, changed_at=moment, **builder.values(changes, dict(*details)))
