from django.urls import path

from mentions import hooks

app_name = "mentions"
urlpatterns = [
    # With a slash at the end as well: a redirect would lose what was posted. A source's slug is enough to find it.
    path("hooks/<slug:network>/<slug:slug>", hooks.deliver, name="deliver"),
    path("hooks/<slug:network>/<slug:slug>/", hooks.deliver),
    path("hooks/<slug:slug>", hooks.deliver),
    path("hooks/<slug:slug>/", hooks.deliver),
    path("hooks/", hooks.nobody),
    path("hooks/<path:anything>", hooks.nobody),
]
