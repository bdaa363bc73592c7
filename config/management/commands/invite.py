"""`manage.py invite`: a way in for whoever owns the machine, when nobody can make one in the set-up pages."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Prints a link behind which a person chooses a new password. It is an event, and ends their sessions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--role", help="makes a new person: agent, supervisor, manager, compliance, administrator")

    def handle(self, *args: Any, **options: Any) -> None:
        from agents import staff
        from agents.models import Role
        from mentions.editions import NotSaved

        role = options["role"]
        if role is not None and role not in Role.values:
            raise CommandError(f"there is no role {role}: choose from {', '.join(Role.values)}")
        try:
            path = staff.emergency_link(options["username"], role)
        except NotSaved as why:
            raise CommandError(str(why)) from None
        self.stdout.write(f"{settings.PUBLIC_URL.rstrip('/')}{path}")
