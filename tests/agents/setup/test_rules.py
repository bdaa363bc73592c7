"""Routing rules as an administrator writes, tries and keeps them."""

import re
from typing import Any

import pytest
from django.test import Client

from agents.models import User
from mentions import events, intake, rulebook, ruling
from mentions.models import Conversation, Edition, Queue, RoutingRule
from tests.agents.setup.conftest import kinds
from tests.factories import (
    make_queue,
    make_rule,
    make_source,
    post,
)

pytestmark = pytest.mark.django_db


class TestRules:
    def given(self, queue: Queue, **fields: Any) -> dict[str, Any]:
        usual = {"name": "Fraud first", "queue": queue.pk, "priority": 1, "active": "on", "edition": ruling.edition()}
        return usual | {"words_any": "stolen card, not mine", "do": "save"} | fields

    def test_a_rule_without_a_condition_says_that_it_takes_everything(self, client: Client, anneke: User) -> None:
        given = self.given(make_queue(), words_any="")
        assert "it takes every post" in client.post("/setup/rules/new/", given, follow=True).text

    def test_a_rule_is_previewed_saved_shown_and_kept_with_who_and_when(self, client: Client, anneke: User) -> None:
        fraud = make_queue("fraud")
        intake.receive(make_source(), [post("my stolen card <b>"), post("all is well")])
        page = client.post("/setup/rules/new/", self.given(fraud, do="preview")).content.decode()
        assert "1 post would have gone to another queue" in page
        assert "of 2 that are stored" in page
        assert "stolen card &lt;b&gt;" in page
        assert f"/console/{Conversation.objects.order_by('pk')[0].pk}/" in page
        assert not RoutingRule.objects.exists()
        given = self.given(fraud, language=["en", "es"], topic=["fraud"], urgency_min="2", tone=["negative"])
        assert client.post("/setup/rules/new/", given).status_code == 302
        rule = RoutingRule.objects.get()
        assert rule.conditions == {
            "language": ["en", "es"],
            "topic": ["fraud"],
            "tone": ["negative"],
            "urgency_min": 2,
            "words_any": ["stolen card", "not mine"],
        }
        page = client.get("/setup/rules/").content.decode()
        assert "English or Spanish, fraud, negative, urgency 2 or more, says “stolen card” or “not mine”" in page
        edition = Edition.objects.get(subject="rules", number=2)
        assert (edition.by, edition.what) == (anneke.pk, "rule_made")
        assert kinds()[-1] == "setup.rule_made"
        assert events.after(0)[-1].data["digest"] == edition.digest
        assert "anneke added a rule" in client.get("/setup/rules/history/").content.decode().lower()

    def test_changes_of_others_are_shown_instead_of_being_lost(self, client: Client) -> None:
        queue = make_queue()
        make_rule(queue, name="One", conditions={"topic": "fraud"})
        rule = make_rule(queue, name="Two")
        seen = ruling.edition()
        ruling.switch(rule.pk, on=False, by=None)
        answer = client.post(f"/setup/rules/{rule.pk}/", self.given(queue, name="Mine", edition=seen))
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "“Two” switched off" in page
        assert 'value="Mine"' in page
        rule.refresh_from_db()
        assert (rule.name, rule.active) == ("Two", False)
        edition = re.search(r'name="edition" value="(\d+)"', page)
        assert edition is not None
        client.post(f"/setup/rules/{rule.pk}/", self.given(queue, name="Mine", edition=edition[1]))
        rule.refresh_from_db()
        assert (rule.name, rule.version) == ("Mine", 3)

    def test_rules_move_and_rest_by_buttons_with_and_without_scripts(self, client: Client) -> None:
        queue = make_queue()
        first, second = make_rule(queue, name="A"), make_rule(queue, name="B")
        assert (
            client.post(f"/setup/rules/{second.pk}/move/", {"to": "up"})
            .headers["Location"]
            .endswith(f"#rule-{second.pk}")
        )
        assert [row.pk for row in ruling.rows()] == [second.pk, first.pk]
        answer = client.post(
            f"/setup/rules/{second.pk}/move/", {"to": "down", "edition": "0"}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 409
        answer = client.post(f"/setup/rules/{second.pk}/switch/", {"on": "no"}, headers={"HX-Request": "true"})
        assert b"data-focus" in answer.content
        assert not RoutingRule.objects.get(pk=second.pk).active
        assert rulebook.read().router.decide is not None

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"words_any": "a b", "words_none": "a b"}, "Every word asked for is also ruled out"),
            ({"words_all": "!!!"}, "no letter or digit"),
            ({"queue": "99999"}, "valid choice"),
            ({"reach_min": "-1"}, "greater than or equal to 0"),
        ],
    )
    def test_a_rule_that_cannot_be_is_refused_in_words(self, client: Client, fields: Any, words: str) -> None:
        answer = client.post("/setup/rules/new/", self.given(make_queue()) | fields)
        assert answer.status_code == 422
        assert words in answer.content.decode()

    def test_a_text_is_tried_with_its_reasons(self, client: Client) -> None:
        fraud = make_queue("fraud")
        rule = make_rule(fraud, name="Stolen", conditions={"words_any": ["stolen"]}, priority=1)
        before = kinds()
        given = {"text": "my card was stolen", "source": make_source().slug, "followers": "5000"}
        client.get("/setup/rules/try/")
        page = client.post("/setup/rules/try/", given | {"visibility": "public", "kind": "post"}).content.decode()
        assert "It goes to Fraud" in page
        assert f"rule {rule.pk} “Stolen”, version 1: words “stolen”" in page
        assert "15 minutes around the clock" in page
        assert not Conversation.objects.exists()
        assert kinds() == before
