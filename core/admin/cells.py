"""Cells of admin lists."""

from typing import Any

from django.utils.html import format_html

from core.panels import Badge


def badge(cell: Badge | str) -> Any:
    """A coloured word; plain text stays plain."""
    if not isinstance(cell, Badge):
        return cell
    return format_html('<span class="badge" data-tone="{}">{}</span>', cell.tone, cell.badge)
