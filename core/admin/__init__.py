"""The staff site. Importing this package (Django does at start) registers the pages of `core`."""

from core.admin import accounts, audit, imports, tokens

__all__ = ["accounts", "audit", "imports", "tokens"]
