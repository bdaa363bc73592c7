"""The rows that decide."""

import pytest

from mentions import intake, rulebook
from mentions.models import Conversation, Queue
from tests.factories import make_source, post

pytestmark = pytest.mark.django_db


def test_an_empty_installation_is_furnished_once_and_takes_a_post():
    rulebook.furnish()
    rulebook.furnish()
    rulebook.forget()
    assert Queue.objects.count() == 1
    assert intake.receive(make_source(), [post()]).count("accepted") == 1
    assert Conversation.objects.get().due_at is None
