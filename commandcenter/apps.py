from django.apps import AppConfig


class CommandCenterConfig(AppConfig):
    name = "commandcenter"
    default_auto_field = "django.db.models.BigAutoField"
