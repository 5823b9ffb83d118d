"""Which records of this app can be imported from files."""

from core.imports.kinds import Kind, register

organizations = register(Kind("organizations"))
people = register(Kind("people"))
leads = register(Kind("leads"))
interactions = register(Kind("interactions"))
