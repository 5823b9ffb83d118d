"""`search_text` for many records: the same as `Record.save` writes, but each piece of text is folded only once."""

from functools import lru_cache

from core.search import fold

_fold = lru_cache(maxsize=60_000)(fold)


def search_text(*pieces: str) -> str:
    """Of the pieces in the order of the model's `text_for_search`; empty ones do not count."""
    return " ".join([_fold(piece) for piece in pieces if piece])
