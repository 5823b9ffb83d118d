"""Widgets of the staff site."""

from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple

from core.choices import as_id


class _IdsOnly:
    """Looks up what was chosen; anything that is no id, typed into the address or sent by a program, is left out."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [chosen for chosen in value if as_id(chosen)], attr)  # type: ignore[misc]


class RecordSelect(_IdsOnly, AutocompleteSelect):
    pass


class RecordSelectMultiple(_IdsOnly, AutocompleteSelectMultiple):
    pass
