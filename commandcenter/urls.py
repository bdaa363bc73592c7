"""Walls and reports."""

from django.urls import path

from commandcenter import screens

app_name = "commandcenter"
urlpatterns = [
    path("wall/", screens.wall, name="walls"),
    path("wall/<slug:key>/", screens.scene, name="scene"),
]
