from django.urls import path

from mentions import hooks

app_name = "mentions"
urlpatterns = [
    # Without a slash at the end as well: a redirect would lose what was posted.
    path("hooks/<slug:slug>", hooks.deliver),
    path("hooks/<slug:slug>/", hooks.deliver, name="deliver"),
]
