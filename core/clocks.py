"""The wall clock of a time zone, and when it is put forward or back."""

import datetime
from bisect import bisect_left
from functools import lru_cache
from zoneinfo import ZoneInfo

FROM = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
UNTIL = datetime.datetime(2050, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)


def minute_text(moment: datetime.datetime, zone: datetime.tzinfo) -> str:
    """`2026-01-02 05:30`"""
    return moment.astimezone(zone).isoformat(" ", "minutes")[:16]


def offset(moment: datetime.datetime, zone: str) -> int:
    """Minutes east of Greenwich."""
    found = moment.astimezone(ZoneInfo(zone)).utcoffset()
    return round(found.total_seconds() / 60) if found else 0


@lru_cache(maxsize=64)
def changes(zone: str) -> tuple[tuple[datetime.datetime, int], ...]:
    """From when on which offset is in force, between FROM and UNTIL; a single pair where nobody touches the clocks."""
    found = [(FROM, offset(FROM, zone))]
    for number in range(1, (UNTIL - FROM).days + 1):
        day = FROM + number * DAY
        if offset(day, zone) != found[-1][1]:
            found.append((_change(day - DAY, zone), offset(day, zone)))
    return tuple(found)


def _change(day: datetime.datetime, zone: str) -> datetime.datetime:
    """The minute of this day from which the clocks are others than at its beginning."""
    before = offset(day, zone)
    minutes = range(24 * 60)
    return day + bisect_left(minutes, True, key=lambda minute: offset(day + minute * MINUTE, zone) != before) * MINUTE
