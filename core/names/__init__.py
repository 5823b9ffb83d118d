"""Names of organizations and people across scripts: one form for all spellings, keys, ranking, decisions.

Pure functions, without Django. The rules are tables in `data/`, with examples that the tests check. docs/names.md tells
what each rule brought.
"""
