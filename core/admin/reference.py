"""Lists of choices: edited by few, retired by date, never deleted."""

from typing import Any, ClassVar

from django.http import HttpRequest

from core.admin.lists import ResourceAdmin


class ReferenceAdmin(ResourceAdmin):
    long_list = False
    list_display: Any = ("code", "name_en", "name_zh", "name_ja", "position", "retired_on")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": ["code", "name_en", "name_zh", "name_ja", "position", "retired_on"]}),
    )
    list_per_page = 200

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        # Asked for by autocompletes only: what is chosen there is chosen anew.
        return super().get_search_results(request, queryset.in_use(), search_term)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Integrations rely on a code keeping its meaning.
        return ("code",) if obj else ()
