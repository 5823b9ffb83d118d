"""Which records of this app can be imported from files."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.imports.drafts import Draft
from core.imports.inputs import Session
from core.imports.kinds import Kind, register
from events.models import Guest


def same_guests(drafts: Sequence[Draft], session: Session) -> list[tuple[set[Any], list[Any]]]:
    """By the event and the person, of which the database keeps one."""
    finder = session.finder(Guest)
    keys = [(draft.record.event_id, draft.record.person_id) for draft in drafts]
    events, people = ({key[side] for key in keys} - {None} for side in (0, 1))
    near = finder.reachable().filter(event__in=events, person__in=people)
    pks = {(event, person): pk for pk, event, person in near.values_list("pk", "event", "person")}
    finder.load(pks[key] for key in keys if key in pks)
    return [
        ({(True, *key)} if None not in key else set(), [finder.records[pks[key]]] if key in pks else []) for key in keys
    ]


guests = register(
    Kind(
        "guests",
        twins=same_guests,
        recognised_by=_("Recognised by the event and the person."),
        synonyms={
            "event_display": ("event name", "イベント", "イベント名", "活动", "活动名称"),
            "person_display": ("name", "guest", "氏名", "お名前", "来賓", "姓名", "嘉宾", "嘉宾姓名"),
            "organization_display": ("company", "company name", "会社名", "企業名", "公司", "单位", "单位名称"),
            "position_held": ("title", "position", "役職", "肩書", "职务", "职位"),
            "notes": ("note", "remarks", "備考", "备注"),
        },
    )
)  # fmt: skip
