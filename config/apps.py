"""The application of commands that belong to the whole installation rather than to one of its parts."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Glasshouse"
