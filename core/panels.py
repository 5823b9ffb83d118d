"""Panels that an app contributes to pages of a lower one: an organization's projects, a zone's contracts.

A panel is a small table. Contributors register a function; the page draws what it is given and knows no contributor.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model

MOST_COUNTED = 999


@dataclass(frozen=True)
class Badge:
    """A short coloured word in a table or header."""

    badge: str
    tone: str = "neutral"  # or blue, green, amber, red


@dataclass(frozen=True)
class Row:
    cells: Sequence[Any]  # text or Badge
    url: str | None = None


@dataclass(frozen=True)
class Panel:
    slug: str
    title: str
    columns: Sequence[Any] = ()
    rows: Sequence[Row] = ()
    count: int | None = None  # more than MOST_COUNTED is told as such
    note: str = ""
    more_url: str | None = None
    add_url: str | None = None
    add_label: str = ""
    empty: str = ""
    first: bool = False  # before all others of the start page, as the work that this reader is here for

    @property
    def total(self) -> str:
        """How many there are in all, in words."""
        if self.count is None or self.count <= MOST_COUNTED:
            return "" if self.count is None else str(self.count)
        return f"{MOST_COUNTED}+"


RecordPanel = Callable[[Any, Any], Panel | None]  # (request, record)
TodayPanel = Callable[[Any], Panel | None]  # (request)
Later = Callable[[Any], bool]  # (user)

_record_panels: dict[type[Model], list[tuple[int, RecordPanel]]] = {}
_today_panels: list[tuple[int, TodayPanel, Later]] = []


def on_record(model: type[Model], order: int = 50) -> Callable[[RecordPanel], RecordPanel]:
    """Decorator: show this panel on the pages of `model`, unless it answers None."""

    def add(panel: RecordPanel) -> RecordPanel:
        _record_panels.setdefault(model, []).append((order, panel))
        return panel

    return add


def _never(user: Any) -> bool:
    return False


def always(user: Any) -> bool:
    return True


def on_today(order: int = 50, later: Later = _never) -> Callable[[TodayPanel], TodayPanel]:
    """Decorator: show this panel on the start page, unless it answers None. `later` says for which users it is fetched
    beside the page, so that the page need not wait for all there is."""

    def add(panel: TodayPanel) -> TodayPanel:
        _today_panels.append((order, panel, later))
        return panel

    return add


def for_record(request: Any, record: Model) -> list[Panel]:
    made = (
        panel(request, record) for _order, panel in sorted(_record_panels.get(type(record), ()), key=lambda p: p[0])
    )
    return [panel for panel in made if panel is not None]


def for_today(request: Any, *, later: bool = False) -> list[Panel]:
    """The panels of the page itself, or those that are fetched beside it."""
    asked = [(order, panel) for order, panel, is_later in _today_panels if is_later(request.user) == later]
    made = (panel(request) for _order, panel in sorted(asked, key=lambda p: p[0]))
    return sorted((panel for panel in made if panel is not None), key=lambda panel: not panel.first)


def has_later(request: Any) -> bool:
    return any(is_later(request.user) for _order, _panel, is_later in _today_panels)
