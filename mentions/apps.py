from django.apps import AppConfig
from django.db.models.signals import post_migrate


class MentionsConfig(AppConfig):
    name = "mentions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from mentions import checks, grants  # noqa: F401  checks register themselves

        post_migrate.connect(grants.apply, sender=self)
