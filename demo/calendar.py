"""The days of the sample data, which are counted from the day on which it was first loaded."""

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone

OFFICE = "Asia/Shanghai"
SATURDAY, SUNDAY = 5, 6


def today_at_the_office() -> datetime.date:
    return timezone.localdate(timezone=ZoneInfo(OFFICE))


@dataclass(frozen=True)
class Calendar:
    start: datetime.date

    def day(self, offset: int) -> datetime.date:
        """Nobody works on weekends: Saturday's work is done on Friday, Sunday's on Monday, and the order stays."""
        day = self.start + datetime.timedelta(days=offset)
        if offset == 0:  # "today" is today, so that there is something to do
            return day
        return day + datetime.timedelta(days={SATURDAY: -1, SUNDAY: 1}.get(day.weekday(), 0))

    def moment(self, offset: int, time: datetime.time, zone: str = OFFICE) -> datetime.datetime:
        moment = datetime.datetime.combine(self.day(offset), time, ZoneInfo(zone))
        # Loaded early in the morning, what was done "today" is done by now.
        return min(moment, timezone.now()) if offset <= 0 else moment
