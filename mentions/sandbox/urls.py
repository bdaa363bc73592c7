"""Town Square's addresses, below `/sandbox/`."""

from django.urls import path

from mentions.sandbox import api, gazette, hub, pages

app_name = "sandbox"

urlpatterns = [
    path("", pages.timeline, name="timeline"),
    path("@<str:handle>/", pages.profile, name="profile"),
    path("write/", pages.write, name="write"),
    path("pictures/<slug:key>", pages.photo, name="photo"),
    path("posts/<slug:key>/", pages.post, name="post"),
    path("posts/<slug:key>/edit/", pages.edit, name="edit"),
    path("posts/<slug:key>/delete/", pages.delete, name="delete"),
    path("messages/", pages.messages, name="messages"),
    path("messages/<str:handle>/", pages.conversation, name="conversation"),
    path("gazette/", gazette.front, name="gazette"),
    path("gazette/feed.json", gazette.feed, name="feed"),
    path("gazette/hub", hub.ask),
    path("gazette/<slug:key>/", gazette.article, name="article"),
    path("api/articles", api.articles),
    path("api/posts", api.posts),
    path("api/posts/<slug:key>", api.one_post),
    path("api/messages/<str:handle>", api.messages),
    path("api/bank/pictures", api.bank_pictures),
    path("api/bank/posts", api.bank_posts),
    path("api/bank/posts/<slug:key>", api.bank_post),
    path("api/bank/search", api.bank_search),
    path("api/bank/events", api.bank_events),
    path("api/bank/account", api.bank_account),
]
