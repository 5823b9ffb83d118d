"""The demo's members of staff, one for each role, and their password, which every installation makes for itself."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group

from core.accounts import User


@dataclass(frozen=True)
class DemoUser:
    username: str
    role: str
    full_name: str
    language: str
    time_zone: str = "Asia/Shanghai"
    country: str = "CN"
    is_staff: bool = True


USERS = (
    DemoUser("director", "Director", "招商局长（演示）", "zh-hans"),
    DemoUser("tokyo", "Officer", "東京担当（デモ）", "ja", "Asia/Tokyo", "JP"),
    DemoUser("suzhou", "Officer", "苏州招商专员（演示）", "zh-hans"),
    DemoUser("events", "Event manager", "活动主管（演示）", "zh-hans"),
    DemoUser("contracts", "Contract manager", "合同主管（演示）", "zh-hans"),
    DemoUser("auditor", "Auditor", "Auditor (demo)", "en"),
    DemoUser("api", "Integration", "Integration (demo)", "en", is_staff=False),
)


def password_file() -> Path:
    return settings.DATA_DIR / "demo-password"


def read_password() -> str:
    """Empty if there is none yet."""
    return password_file().read_text(encoding="utf-8").strip() if password_file().exists() else ""


def make_password() -> str:
    """Kept where only the owner of the installation reads it, so that a later run can print it again."""
    password = secrets.token_urlsafe(9)
    handle = os.open(password_file(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    return password


def load_users() -> None:
    """Makes the users that do not exist; those that do keep their password, their roles and everything else."""
    existing = set(User.objects.values_list("username", flat=True))
    for person in USERS:
        if person.username not in existing:
            _make(person)


def _make(person: DemoUser) -> None:
    user = User(
        username=person.username,
        full_name=person.full_name,
        language=person.language,
        time_zone=person.time_zone,
        work_country=person.country,
        is_staff=person.is_staff,
    )
    if person.is_staff:
        user.set_password(read_password() or make_password())
    else:
        user.set_unusable_password()  # programs have tokens
    user.full_clean()
    user.save()
    user.groups.add(Group.objects.get(name=person.role))


def table() -> list[str]:
    """Users, roles and passwords, as lines of text."""
    password = read_password()
    users = {user.username: user for user in User.objects.filter(username__in=[person.username for person in USERS])}
    return [f"{'user':<11}{'role':<18}password"] + [
        f"{person.username:<11}{person.role:<18}{_shown_password(users[person.username], password)}" for person in USERS
    ]


def _shown_password(user: User, password: str) -> str:
    if not user.has_usable_password():
        return "none: signs in with a token"
    return password if password and user.check_password(password) else "changed"
