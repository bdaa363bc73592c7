"""Every address of the installation, by application."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import URLPattern, URLResolver, include, path

from config import health, signing_in

handler500 = "config.away.broken"

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("sign-out/", auth.LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("", include("mentions.urls")),
    path("", include("agents.urls")),
    path("", include("commandcenter.urls")),
]
if settings.DEMO:
    from config.demo import pages

    urlpatterns += [
        path("sign-in/", pages.SignIn.as_view(), name="login"),
        path("start/", pages.start, name="start"),
        path("sandbox/", include("mentions.sandbox.urls")),
    ]
else:
    urlpatterns += [path("sign-in/", signing_in.SignIn.as_view(), name="login")]
