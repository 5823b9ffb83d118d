"""The staff site. Importing this package (Django does at start) registers the pages of `core`."""

from core.admin import accounts, audit, exports, imports, recent, saved_views, tokens

__all__ = ["accounts", "audit", "exports", "imports", "recent", "saved_views", "tokens"]
