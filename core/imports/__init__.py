"""Records come in from CSV and XLSX: read, mapped, checked, shown, then stored all together or not at all.

`reading` makes rows of a file, `mapping` says which column is which, `checking` what would happen, `running` does it.
"""
