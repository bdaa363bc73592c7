"""The words that rows are marked with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Origin(models.TextChoices):
    """Where a row comes from; only live rows are counted, shown as real or answered."""

    LIVE = "live", _("live")
    CANARY = "canary", _("canary")
    DRILL = "drill", _("drill")


class Visibility(models.TextChoices):
    """Who could read the post on its network."""

    PUBLIC = "public", _("public")
    PRIVATE = "private", _("private")


class State(models.TextChoices):
    """Where a conversation stands in our work."""

    WAITING = "waiting", _("waiting")
    CLAIMED = "claimed", _("claimed")
    PENDING_CUSTOMER = "pending_customer", _("waiting for the customer")
    PENDING_BANK = "pending_bank", _("waiting for the bank")
    CLOSED = "closed", _("closed")


class Kind(models.TextChoices):
    """What sort of post a mention is."""

    POST = "post", _("post")
    REPLY = "reply", _("reply")
    QUOTE = "quote", _("quote")
    COMMENT = "comment", _("comment")
    REVIEW = "review", _("review")
    MESSAGE = "message", _("message")
