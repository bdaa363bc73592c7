from django.urls import path
from django.urls.converters import register_converter

from agents import api, entrance, moves, oversight, searches, setup, views, writing
from agents.alerts import pages as alerts

app_name = "agents"


class RowId:
    """A key that fits a big integer; longer digits are simply no address."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(RowId, "row")

urlpatterns = [
    path("", entrance.home, name="home"),
    path("first/<str:token>/", entrance.first, name="first"),
    path("setup/", setup.index, name="setup"),
    path("setup/sources/connect/", setup.choose, name="connect"),
    path("setup/sources/connect/<slug:key>/", setup.connect, name="connect_to"),
    path("setup/sources/authorised/", setup.authorised, name="authorised"),
    path("setup/sources/<row:pk>/", setup.source, name="source"),
    path("setup/sources/<row:pk>/sending/", setup.sending, name="switch_sending"),
    path("setup/sources/<row:pk>/keys/", setup.keys, name="source_keys"),
    path("setup/sources/<row:pk>/authorise/", setup.authorise, name="source_authorise"),
    path("setup/sources/<row:pk>/pause/", setup.pause, name="source_pause"),
    path("setup/sources/<row:pk>/ask/", setup.ask_now, name="source_ask"),
    path("setup/sources/<row:pk>/back-fill/", setup.back_fill, name="source_back_fill"),
    path("setup/sources/<row:pk>/rotate/", setup.rotate, name="source_rotate"),
    path("setup/sources/<row:pk>/price/", setup.price, name="source_price"),
    path("setup/sources/<row:pk>/disconnect/", setup.disconnect, name="source_disconnect"),
    path("setup/searches/", searches.index, name="searches"),
    path("setup/searches/new/", searches.new, name="new_search"),
    path("setup/searches/<row:pk>/", searches.one, name="search_setup"),
    path("setup/gaps/<row:pk>/lost/", setup.lost, name="gap_lost"),
    path("preferences/", entrance.preferences, name="preferences"),
    path("console/", views.console, name="console"),
    path("console/search/", views.search, name="search"),
    path("console/next/", moves.next_one, name="next"),
    path("console/bulk/", moves.bulk_action, name="bulk"),
    path("console/undo/<row:pk>/", moves.undo_action, name="undo_action"),
    path("console/view/<slug:key>/", views.view, name="view"),
    path("console/part/queues/", views.queues, name="queues"),
    path("console/part/list/<slug:key>/", views.listing, name="list"),
    path("console/part/rows/", views.rows, name="rows"),
    path("console/<row:pk>/", views.conversation, name="conversation"),
    path("console/<row:pk>/part/pane/", views.pane, name="pane"),
    path("console/<row:pk>/part/post/", views.post, name="post"),
    path("console/<row:pk>/part/here/", views.here, name="here"),
    path("console/pictures/<row:pk>/", views.picture, name="picture"),
    path("console/faces/<row:pk>/", views.face, name="face"),
    path("console/<row:pk>/claim/", moves.claim, name="claim"),
    path("console/<row:pk>/release/", moves.release, name="release"),
    path("console/<row:pk>/renew/", moves.renew, name="renew"),
    path("console/<row:pk>/transfer/", moves.transfer, name="transfer"),
    path("console/<row:pk>/assign/", moves.assign, name="assign"),
    path("console/<row:pk>/pending/", moves.pending, name="pending"),
    path("console/<row:pk>/close/", moves.close, name="close"),
    path("console/<row:pk>/dismiss/", moves.dismiss, name="dismiss"),
    path("console/<row:pk>/reopen/", moves.reopen, name="reopen"),
    path("console/<row:pk>/reply/", writing.reply, name="reply"),
    path("console/<row:pk>/note/", writing.note, name="note"),
    path("console/<row:pk>/draft/", writing.draft, name="draft"),
    path("console/replies/<row:pk>/undo/", writing.undo, name="undo"),
    path("console/replies/<row:pk>/retry/", writing.retry, name="retry"),
    path("console/replies/<row:pk>/ask/", writing.ask, name="ask"),
    path("console/replies/<row:pk>/retract/", writing.retract, name="retract"),
    path("console/mentions/<row:pk>/correct/", moves.correct, name="correct"),
    path("approvals/", oversight.approvals, name="approvals"),
    path("approvals/<row:pk>/approve/", oversight.approve, name="approve"),
    path("approvals/<row:pk>/return/", oversight.return_, name="return"),
    path("freeze/", oversight.frozen, name="freeze"),
    path("freeze/all/", oversight.freeze_all, name="freeze_all"),
    path("freeze/lift/", oversight.lift, name="lift"),
    path("freeze/posts/<row:pk>/explain/", setup.explain, name="explain_post"),
    path("alerts/", alerts.listing, name="alerts"),
    path("alerts/setup/", alerts.setup, name="alert_setup"),
    path("alerts/setup/rules/<slug:kind>/", alerts.change_rule, name="alert_rule"),
    path("alerts/setup/rota/", alerts.add_duty, name="alert_duty"),
    path("alerts/setup/rota/<row:pk>/remove/", alerts.remove_duty, name="alert_duty_off"),
    path("alerts/setup/hooks/", alerts.add_hook, name="alert_hook"),
    path("alerts/setup/hooks/<row:pk>/remove/", alerts.remove_hook, name="alert_hook_off"),
    path("alerts/<row:pk>/", alerts.one, name="alert"),
    path("alerts/<row:pk>/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("api/v1/openapi.json", api.description, name="openapi"),
    path("api/v1/", api.nowhere),
    path("api/v1/", api.api.urls),
    path("api/v1/<path:rest>", api.nowhere),
]
