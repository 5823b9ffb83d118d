"""Lifts a lock after too many wrong passwords."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.accounts import User
from core.signins import SignIn, record
from core.throttle import lift


class Command(BaseCommand):
    help = "Lifts the lock of an account, of an address, or of an account from one address."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="", help="user name of the locked account")
        parser.add_argument("--address", default="", help="address that is locked")

    def handle(self, *args: Any, **options: Any) -> None:
        name, address = options["user"], options["address"]
        if not name and not address:
            raise CommandError("Say what is locked: --user NAME, --address ADDRESS, or both.")
        if not lift(name, address):
            raise CommandError("Nothing of this is locked or was counted.")
        record(SignIn.Kind.UNLOCKED, User.objects.filter(username=name).first(), address=address or None)
        self.stdout.write("The lock is lifted.")
