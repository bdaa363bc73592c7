"""Town Square where the demonstration serves it; the way in and the desk stand on pages that say what went wrong."""

from django.contrib.auth.views import LoginView
from django.urls import include, path

urlpatterns = [
    path("sandbox/", include("mentions.sandbox.urls")),
    path("sign-in/", LoginView.as_view(), name="login"),
    path("desk/", include("agents.urls")),
]
