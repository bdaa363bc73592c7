"""The application of commands that belong to the whole installation, and Django's admin with our own site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db.models.signals import pre_save


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Glasshouse"

    def ready(self) -> None:
        """What fails to sign in leaves nothing of what it sent; who comes and goes is an event."""
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from config.signing_in import forget_what_was_sent, has_proved, signed_off

        pre_save.connect(forget_what_was_sent, sender="axes.AccessAttempt")
        user_logged_in.connect(has_proved)
        user_logged_out.connect(signed_off)


class EntranceConfig(admin.AdminConfig):
    """See `config.entrance`."""

    default = False
    default_site = "config.entrance.Entrance"
