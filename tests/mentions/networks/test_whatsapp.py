"""What is particular about WhatsApp: its windows and templates, its statuses, and what messages may be."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mentions import networks
from mentions.networks import Account, NetworkError, Outgoing
from mentions.posts import Operation, Post
from tests.mentions.networks.meta import delivered
from tests.mentions.networks.peer_facebook import graph_error
from tests.mentions.networks.peer_whatsapp import WhatsAppPeer
from tests.mentions.networks.peer_whatsapp import serve as whatsapp


@pytest.fixture
def number() -> Iterator[WhatsAppPeer]:
    with whatsapp() as found:
        yield found


class TestWhatsApp:
    @pytest.mark.parametrize(
        ("code", "follow", "holds"),
        [(131056, "retry", "nobody"), (130429, "retry", "account"), (131047, "give_up", "account")],
    )
    def test_too_much_to_one_customer_holds_no_other_up(
        self, number: WhatsAppPeer, code: int, follow: str, holds: str
    ) -> None:
        number.limited = graph_error(code)
        number.limit()
        letter = Outgoing("Hello", "private", "k", recipient_id="16505551234", heard_at=datetime.now(UTC))
        with pytest.raises(NetworkError) as told:
            networks.get("whatsapp").publish(number.account, letter)
        assert (told.value.follow, told.value.holds) == (follow, holds)

    def test_a_picture_with_a_caption_and_a_pressed_button_are_messages(self) -> None:
        def message(**more: Any) -> dict[str, Any]:
            return {"from": "1650", "id": f"wamid.{more['type']}", "timestamp": "1763799990"} | more

        value = {
            "metadata": {"phone_number_id": "10655"},
            "contacts": [{"wa_id": "1650", "profile": {"name": "Ann"}}],
            "messages": [
                message(type="image", image={"id": "1", "caption": "this letter"}),
                message(type="button", button={"text": "Yes"}),
                message(type="interactive", interactive={"type": "list_reply", "list_reply": {"title": "Cards"}}),
                message(type="reaction", reaction={"emoji": "👍", "message_id": "wamid.7"}),
                message(type="reaction", reaction={"message_id": "wamid.7"}),
                message(type="audio", audio={"id": "2"}),
                message(type="document", document={"id": "3", "mime_type": "application/pdf", "filename": "June.pdf"}),
                message(type="document", document={"id": "4", "mime_type": "image/png"}),
                message(type="location", location={"latitude": 35.2, "longitude": -80.8, "name": "Branch"}),
                message(type="location", location={"latitude": 35.2, "longitude": -80.8}),
                message(type="contacts", contacts=[{"name": {"formatted_name": "Ann Lee"}}]),
                message(type="order"),
            ],
        }
        entry = {"id": "900", "changes": [{"field": "messages", "value": value}]}
        heard = [
            p
            for p in delivered("whatsapp", {"object": "whatsapp_business_account", "entry": [entry]})
            if isinstance(p, Post)
        ]
        assert [(post.text, [(file.type, file.alt) for file in post.media]) for post in heard] == [
            ("this letter", [("image", "")]),
            ("Yes", []),
            ("Cards", []),
            ("👍", []),
            ("", [("audio", "")]),
            ("", [("document", "June.pdf")]),
            ("", [("image", "")]),
            ("[location: Branch]", []),
            ("[location: 35.2, -80.8]", []),
            ("[contact: Ann Lee]", []),
            ("[order]", []),
        ]
        assert heard[3].in_reply_to == "1650:wamid.7"
        assert {post.author.name for post in heard} == {"Ann"}
        assert {post.visibility for post in heard} == {"private"}

    def test_what_somebody_writes_for_us_in_whatsapp_s_own_app_is_ours(self) -> None:
        echo = {"from": "1555", "to": "1650", "id": "wamid.9", "timestamp": "1763799990", "type": "text"}
        value = {"metadata": {"phone_number_id": "10655"}, "message_echoes": [echo | {"text": {"body": "Call me"}}]}
        entry = {"id": "900", "changes": [{"field": "smb_message_echoes", "value": value}]}
        (said,) = delivered("whatsapp", {"object": "whatsapp_business_account", "entry": [entry]})
        assert isinstance(said, Post)
        assert (said.external_id, said.author.id, said.text) == ("1650:wamid.9", "10655", "Call me")
        assert said.conversation_id == "10655:1650"

    def test_customers_who_keep_their_number_to_themselves_are_told_apart_and_answered(
        self, number: WhatsAppPeer
    ) -> None:
        network, at = networks.get("whatsapp"), "1763799990"
        value = {
            "metadata": {"phone_number_id": "10655"},
            "contacts": [{"user_id": "US.134", "profile": {"name": "Ann", "username": "ann.lee"}}],
            "messages": [
                {"from_user_id": user, "id": f"w.{user}", "timestamp": at, "type": "text", "text": {"body": "Help"}}
                for user in ("US.134", "GB.777")
            ],
            "statuses": [{"id": "w.9", "recipient_user_id": "US.134", "status": "sent", "timestamp": at}],
        }
        entry = {"id": "900", "changes": [{"field": "messages", "value": value}]}
        ann, other, sent = delivered("whatsapp", {"object": "whatsapp_business_account", "entry": [entry]})
        assert isinstance(ann, Post)
        assert isinstance(other, Post)
        assert isinstance(sent, Post)
        assert (ann.author.id, ann.author.handle, ann.author.name) == ("US.134", "ann.lee", "Ann")
        assert (ann.conversation_id, other.conversation_id) == ("10655:US.134", "10655:GB.777")
        assert (sent.external_id, sent.conversation_id) == ("US.134:w.9", "10655:US.134")
        told = network.publish(number.account, Outgoing("We look", "private", "k", recipient_id=ann.author.id))
        assert told.external_id.startswith("US.134:")
        assert (number.heard[-1].json["recipient"], "to" in number.heard[-1].json) == ("US.134", False)

    def test_what_is_taken_back_for_everyone_goes_and_what_is_reworded_is_an_edit(self) -> None:
        at, new = "1763799999", {"type": "text", "text": {"body": "It is solved"}}
        revoke = {"id": "w.2", "timestamp": at, "type": "revoke", "revoke": {"original_message_id": "w.1"}}
        edit = {"id": "w.3", "timestamp": at, "type": "edit", "edit": {"original_message_id": "w.0", "message": new}}
        value = {
            "metadata": {"phone_number_id": "10655"},
            "messages": [one | {"from": "1650"} for one in (revoke, edit)],
        }
        echoed = {"metadata": {"phone_number_id": "10655"}, "message_echoes": [edit | {"from": "1555", "to": "1650"}]}
        changes = [{"field": "messages", "value": value}, {"field": "smb_message_echoes", "value": echoed}]
        entry = {"id": "900", "changes": changes}
        heard = delivered("whatsapp", {"object": "whatsapp_business_account", "entry": [entry]})
        assert [(one.op, one.external_id, one.text) for one in heard if isinstance(one, Operation)] == [
            ("delete", "1650:w.1", None),
            *(("edit", "1650:w.0", "It is solved"),) * 2,
        ]
        assert len(heard) == 3
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        assert set(networks.get("whatsapp").parcels(Account("", "", "10655", {}), {}, body)) == {"10655"}

    def test_after_a_day_only_the_bank_s_template_goes_out(self, number: WhatsAppPeer) -> None:
        yesterday = datetime.now(UTC) - timedelta(hours=25)
        letter = Outgoing("It is\nsettled.", "private", "k", recipient_id="1650", heard_at=yesterday)
        with pytest.raises(NetworkError, match="template") as told:
            networks.get("whatsapp").publish(number.account, letter)
        assert told.value.follow == "give_up"
        assert number.heard == []
        known = Account(
            number.account.base_url,
            "",
            number.account.account_id,
            number.account.secrets,
            {"template": "answer"},
            local=True,
        )
        with pytest.raises(NetworkError, match="one line"):
            networks.get("whatsapp").publish(known, letter)
        networks.get("whatsapp").publish(known, replace(letter, text="It is settled."))
        sent = number.heard[-1].json
        assert (sent["type"], sent["template"]["name"]) == ("template", "answer")
        assert sent["template"]["components"][0]["parameters"] == [{"type": "text", "text": "It is settled."}]

    def test_our_key_travels_with_the_message(self, number: WhatsAppPeer) -> None:
        networks.get("whatsapp").publish(number.account, Outgoing("Hello", "private", "key-9", recipient_id="1650"))
        assert number.heard[-1].json["biz_opaque_callback_data"] == "key-9"
