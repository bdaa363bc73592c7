"""Walls and reports."""

from django.urls import path

from commandcenter import screens, views

app_name = "commandcenter"
urlpatterns = [
    path("wall/", screens.wall, name="walls"),
    path("wall/<slug:key>/", screens.scene, name="scene"),
    path("reports/", views.index, name="reports"),
    path("reports/<slug:key>/", views.report, name="report"),
    path("reports/<slug:key>/rows/", views.rows, name="report_rows"),
    path("reports/<slug:key>/rows.csv", views.rows_file, name="report_rows_file"),
    path("reports/<slug:key>.<slug:kind>", views.report_file, name="report_file"),
    path("reports/<slug:key>/.<slug:kind>", views.report_file),
]
