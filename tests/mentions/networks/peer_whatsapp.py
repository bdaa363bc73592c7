"""WhatsApp as its users know it: one number of the bank's, to which somebody writes."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from mentions.networks._meta import signature
from tests.mentions.networks import multipart
from tests.mentions.networks.api_peer import Request, Said, served
from tests.mentions.networks.peer_facebook import GraphPeer, graph_error
from tests.mentions.networks.peers import SECRET

NUMBER, CUSTOMER = "10655", "16505551234"
TOKEN = "token-of-the-bank"


class WhatsAppPeer(GraphPeer):
    """What of the Cloud API the connector uses."""

    object_name = "whatsapp_business_account"
    blocked = False
    elsewhere = ""
    store: Said | None = None  # what the host of the files says instead of giving them

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, bytes] = {}
        self.no_pictures = False

    def account_at(self, url: str) -> Account:
        secrets = {"token": TOKEN, "webhook": SECRET}
        return Account(url, "+1 555", NUMBER, secrets, {"media_hosts": ["127.0.0.1"]}, local=True)

    def send_picture(self, body: bytes, caption: str = "") -> None:
        """Its number is one that could be a card's."""
        number = "4111111111111111"
        self.files[number] = body
        image = {"id": number, "mime_type": "image/jpeg", "sha256": "x"} | ({"caption": caption} if caption else {})
        own = f"wamid.{self.number()}"
        stamp = str(int(time.time()))
        self.deliver(messages=[{"from": CUSTOMER, "id": own, "timestamp": stamp, "type": "image", "image": image}])

    def write(self, text: str, by: str = CUSTOMER) -> str:
        own = f"wamid.{self.number()}"
        message = {"from": by, "id": own, "timestamp": str(int(time.time())), "type": "text", "text": {"body": text}}
        self.deliver(messages=[message], contacts=[{"wa_id": by, "profile": {"name": "A customer"}}])
        return f"{by}:{own}"

    def confide(self, text: str, who: int) -> dict[str, Any]:
        by = f"{CUSTOMER}{who}"
        return {"in_reply_to": self.write(text, by), "recipient_id": by}

    def delete(self, external_id: str) -> None:
        """Nobody can be written to who has left."""
        self.blocked = True

    def answers_to(self, external_id: str) -> list[str]:
        return []

    def messages(self) -> list[str]:
        said = {"text": "body", "image": "caption"}
        return [sent[sent["type"]][said[sent["type"]]] for sent in self.sent if sent["type"] in said]

    def _brought(self, request: Request) -> Said:
        form = multipart.fields(request.headers["content-type"], request.body)
        if self.no_pictures:
            return graph_error(131053)
        own = f"90{self.number()}"
        self.files[own] = form["file"][1]
        return Said({"id": own})

    def shown(self) -> list[tuple[bytes, str]]:
        return [(self.files[sent["image"]["id"]], "") for sent in self.sent if sent["type"] == "image"]

    def refuse_pictures(self) -> None:
        self.no_pictures = True

    def deliver(self, **value: Any) -> None:
        metadata = {"display_phone_number": "1555", "phone_number_id": NUMBER}
        self.changes.append(
            {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata} | value}
        )

    def delivery(self) -> tuple[dict[str, str], bytes]:
        entry = {"id": "900", "changes": self.changes}
        self.changes = []
        body = json.dumps({"object": self.object_name, "entry": [entry]}).encode()
        return {"x-hub-signature-256": signature(SECRET, body)}, body

    def strange_delivery(self) -> bytes:
        self.deliver(statuses=[{"id": "wamid.1", "status": "warned", "recipient_id": CUSTOMER}])
        self.changes.append({"field": "account_update", "value": {"event": "VERIFIED_ACCOUNT"}})
        return self.delivery()[1]

    def answer(self, request: Request) -> Said:
        match request.method, request.path.strip("/").split("/"):
            case "GET", [number] if number == NUMBER:
                return Said({"id": NUMBER, "display_phone_number": "+1 555"})
            case "GET", [number] if number in self.files:
                host = self.elsewhere or self.account.base_url
                return Said({"id": number, "url": f"{host}/attachments/?mid={number}", "mime_type": "image/jpeg"})
            case "GET", ["attachments"] if self.store is not None:
                return self.store
            case "GET", ["attachments"] if request.headers.get("authorization") == f"Bearer {TOKEN}":
                return Said(self.files[request.query["mid"]])
            case "POST", [number, "media"] if number == NUMBER:
                return self._brought(request)
            case "POST", [number, "messages"] if number == NUMBER:
                asked = request.json
                if self.blocked or len(asked.get("text", {}).get("body", "")) > 4096:
                    return graph_error(131026)
                own = f"wamid.{self.number()}"
                self.sent.append(asked)
                return Said({"messaging_product": "whatsapp", "messages": [{"id": own}]})
        return self.webhooks(request)


def serve() -> AbstractContextManager[WhatsAppPeer]:
    """WhatsApp, reachable."""
    return served(WhatsAppPeer())
