"""Widgets of the staff site."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.utils.translation import gettext_lazy as _

from core.choices import as_id


class _ChosenOnly:
    """Looks up what was chosen, unless the form has read it already and put it into `known`; anything that is no id,
    typed into the address or sent by a program, is left out."""

    known: Mapping[int, Any] = MappingProxyType({})

    def optgroups(self: Any, name: str, value: Any, attr: Any = None) -> Any:
        chosen = [pk for pk in value if as_id(pk)]
        if not all(as_id(pk) in self.known for pk in chosen):
            return super().optgroups(name, chosen, attr)  # type: ignore[misc]
        groups = super().optgroups(name, [], attr)  # type: ignore[misc]  # the empty choice, without a query
        options = groups[0][1]
        for pk in chosen:
            label = self.choices.field.label_from_instance(self.known[as_id(pk)])
            options.append(self.create_option(name, pk, label, True, len(options)))
        return groups


class RecordSelect(_ChosenOnly, AutocompleteSelect):
    """`placeholder` says what choosing nothing means."""

    placeholder: Any = ""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-placeholder": self.placeholder}


class FilterSelect(RecordSelect):
    """In a filter, nothing chosen means that anything goes, and says so."""

    placeholder = _("Any")

    def use_required_attribute(self, initial: Any) -> bool:
        return False  # to find out, Django's begins to read all the choices


class RecordSelectMultiple(_ChosenOnly, AutocompleteSelectMultiple):
    """Each choice is taken back by itself; Select2's sign for all at once stands outside of any item of its list."""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}
