from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SandboxConfig(AppConfig):
    name = "mentions.sandbox"
    label = "sandbox"
    verbose_name = _("Town Square")
    default_auto_field = "django.db.models.BigAutoField"
