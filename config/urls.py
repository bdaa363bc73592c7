"""Every address of the installation, by application."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
]
for application in ("mentions", "agents", "commandcenter"):
    if find_spec(f"{application}.urls") and find_spec("mentions.triage").origin:
        urlpatterns.append(path("", include(f"{application}.urls")))
if settings.DEMO and find_spec("mentions.sandbox.urls"):
    urlpatterns.append(path("sandbox/", include("mentions.sandbox.urls")))
