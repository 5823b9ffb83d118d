"""Makes an API token for a user and prints it, this once."""

import datetime
from argparse import BooleanOptionalAction
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.accounts import User
from core.tokens import ApiToken


class Command(BaseCommand):
    help = (
        "Makes an API token that may do what its user may, unless it is narrowed. The token is the only line on "
        "standard output and cannot be shown again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name of the account that the program acts as")
        parser.add_argument("--name", default="command line", help="what the token is for")
        parser.add_argument("--days", type=int, default=90, help="days until it expires (default: 90, at most 366)")
        parser.add_argument(
            "--scope", choices=ApiToken.Scope.values, default=ApiToken.Scope.WRITE, help="default: write"
        )
        parser.add_argument(
            "--export", action=BooleanOptionalAction, default=True, help="may download CSV and XLSX (default: yes)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"], is_active=True).first()
        if user is None:
            raise CommandError(f"There is no active user named {options['user']!r}.")
        if not 1 <= options["days"] <= 366:
            raise CommandError("--days must be from 1 to 366.")
        expires_at = timezone.now() + datetime.timedelta(days=options["days"])
        try:
            token, secret = ApiToken.issue(
                user, options["name"], scope=options["scope"], may_export=options["export"], expires_at=expires_at
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(secret)
        scopes = ", ".join(token.scopes)
        self.stderr.write(f"{token}: {scopes}, valid until {expires_at:%Y-%m-%d}. It is not shown again.")
