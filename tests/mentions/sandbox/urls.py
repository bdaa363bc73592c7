"""Town Square where the demonstration serves it, whatever else the installation serves."""

from django.urls import include, path

urlpatterns = [path("sandbox/", include("mentions.sandbox.urls"))]
