"""Walls and reports."""

from django.urls import path

from commandcenter import drill_pages, manage, overview, remote, screens, showing, views
from commandcenter.incidents import pages as incident_pages

app_name = "commandcenter"
urlpatterns = [
    path("wall/", screens.wall, name="walls"),
    path("wall/pair/", screens.pairing_ask, name="pairing_ask"),
    path("wall/pair/state/", screens.pairing_collect, name="pairing_collect"),
    path("wall/<slug:key>/", screens.scene, name="scene"),
    path("screens/", manage.index, name="screens"),
    path("screens/pair/", manage.pair, name="pair"),
    path("screens/pair/confirm/", manage.pair_confirm, name="pair_confirm"),
    path("screens/rooms/", manage.add_room, name="add_room"),
    path("screens/rooms/<row:pk>/", manage.close_room, name="close_room"),
    path("screens/playlists/", manage.playlist, name="playlists"),
    path("screens/playlists/<row:pk>/", manage.playlist, name="playlist"),
    path("screens/control/", remote.page, name="control"),
    path("screens/control/give/", remote.give, name="give"),
    path("screens/control/incident/", remote.incident, name="control_incident"),
    path("screens/commands/<row:pk>/", remote.progress, name="command"),
    path("screens/<row:pk>/", manage.edit, name="screen"),
    path("screens/<row:pk>/confirm/", manage.confirm, name="confirm_screen"),
    path("screens/<row:pk>/revoke/", manage.revoke, name="revoke_screen"),
    path("screens/<row:pk>/schedule/", manage.schedule, name="schedule"),
    path("screens/posts/", showing.posts, name="posts"),
    path("screens/posts/<row:pk>/approve/", showing.approve, name="approve_post"),
    path("screens/posts/<row:pk>/take-down/", showing.take_down, name="take_down_post"),
    path("screens/shift/", showing.hand_over, name="hand_over"),
    path("brief/", overview.brief, name="brief"),
    path("incidents/", incident_pages.index, name="incidents"),
    path("incidents/open/", incident_pages.open_, name="incident_open"),
    path("incidents/suggestions/<row:pk>/dismiss/", incident_pages.dismiss, name="suggestion_dismiss"),
    path("incidents/<row:pk>/", incident_pages.one, name="incident"),
    path("incidents/<row:pk>/after/", incident_pages.after_report, name="incident_after"),
    path("incidents/<row:pk>/after.json", incident_pages.after_json, name="incident_after_json"),
    path("incidents/<row:pk>/<slug:deed>/", incident_pages.change, name="incident_change"),
    path("drills/", drill_pages.index, name="drills"),
    path("drills/start/", drill_pages.start, name="drill_start"),
    path("drills/<row:pk>/", drill_pages.one, name="drill"),
    path("drills/<row:pk>/stop/", drill_pages.stop, name="drill_stop"),
    path("reports/", views.index, name="reports"),
    path("reports/<slug:key>/", views.report, name="report"),
    path("reports/<slug:key>/rows/", views.rows, name="report_rows"),
    path("reports/<slug:key>/rows.<slug:kind>", views.rows_file, name="report_rows_file"),
    path("reports/<slug:key>.<slug:kind>", views.report_file, name="report_file"),
    path("reports/<slug:key>/.<slug:kind>", views.report_file),
]
