"""Five years of working days up to a day. Everything in the sample happens at a point of this line, in office hours."""

import datetime

YEARS = 5
OFFICE_HOURS = 9  # from 00:30 to 09:30 UTC, which is daytime in East Asia
FIRST_MINUTE = 30


class Clock:
    """Points are numbers from 0 up to `length`: the day, and within it the part of the office hours."""

    def __init__(self, until: datetime.date) -> None:
        first = until - datetime.timedelta(days=365 * YEARS)
        days = (first + datetime.timedelta(days=n) for n in range(365 * YEARS))
        self.until = until
        self.days = [day for day in days if day.weekday() < 5]
        self.length = len(self.days)
        self._days = [day.isoformat() for day in self.days]
        seconds = range(FIRST_MINUTE * 60, FIRST_MINUTE * 60 + OFFICE_HOURS * 3600)
        self._times = [f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in seconds]

    def day(self, point: float) -> str:
        return self._days[int(point)]

    def moment(self, point: float) -> str:
        """In UTC, as both databases read it."""
        return f"{self._days[int(point)]} {self._times[int(point % 1 * len(self._times))]}"

    def ahead(self, days: int) -> str:
        """So many days after (or, if negative, before) the end of the line."""
        return (self.until + datetime.timedelta(days=days)).isoformat()
