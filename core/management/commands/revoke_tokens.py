"""Revokes all API tokens of a user."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.accounts import User
from core.tokens import ApiToken


class Command(BaseCommand):
    help = "Revokes all API tokens of a user at once. Programs that use them stop until they get new ones."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name of the account that the tokens act as")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"There is no user named {options['user']!r}.")
        count = ApiToken.objects.filter(user=user).revoke()
        self.stdout.write(f"Revoked: {count}.")
