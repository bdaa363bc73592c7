"""The emergency entrance to what scenes show beside figures. Every save is an edition and an event."""

from __future__ import annotations

from django.contrib import admin

from commandcenter.models import Campaign, Notice
from mentions.admin import KeptAdmin


@admin.register(Campaign)
class CampaignAdmin(KeptAdmin):
    """Hashtags, their days and targets, and whether strangers may see how they go."""

    list_display = ["name", "hashtag", "first_day", "last_day", "target", "public"]


@admin.register(Notice)
class NoticeAdmin(KeptAdmin):
    """Sentences for everybody who passes."""

    list_display = ["title", "starts_at", "ends_at"]
