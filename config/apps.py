"""The application of commands that belong to the whole installation, and Django's admin with our own site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Glasshouse"


class EntranceConfig(admin.AdminConfig):
    """See `config.entrance`."""

    default = False
    default_site = "config.entrance.Entrance"
