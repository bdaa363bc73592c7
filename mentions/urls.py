from django.urls import path

from mentions import hooks

app_name = "mentions"
urlpatterns = [path("hooks/<slug:slug>/", hooks.deliver, name="deliver")]
