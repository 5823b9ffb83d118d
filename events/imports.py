"""Which records of this app can be imported from files."""

from core.imports.kinds import Kind, register

guests = register(Kind("guests"))
