"""Telegram as its users know it: a group that the bank's bot is in, and private chats with it."""

from __future__ import annotations

import json
import time
from contextlib import AbstractContextManager
from typing import Any

from mentions.networks import Account
from mentions.networks.telegram import SECRET_HEADER
from tests.mentions.networks import multipart
from tests.mentions.networks.api_peer import ApiPeer, Request, Said, refusal, served
from tests.mentions.networks.peers import SECRET

BOT, CUSTOMER, GROUP = 700, 42, -1001
TOKEN = "700:token-of-the-bank"


class TelegramPeer(ApiPeer):
    """What of the Bot API the connector uses. Somebody writes in the group; their private chat is open."""

    customer = str(CUSTOMER)
    limited = refusal(429, {"ok": False, "parameters": {"retry_after": 7}})
    expired = refusal(401, {"ok": False, "error_code": 401})

    def __init__(self) -> None:
        super().__init__()
        self.standing: dict[str, dict[str, Any]] = {}
        self.updates: list[dict[str, Any]] = []
        self.hook: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.no_pictures = False

    def account_at(self, url: str) -> Account:
        secrets = {"token": TOKEN, "webhook": SECRET}
        return Account(url, "meridian_bot", str(BOT), secrets, {"channel": str(GROUP)}, local=True)

    def acts(self, request: Request) -> bool:
        return request.path.endswith(("/sendMessage", "/sendPhoto"))

    def write(self, text: str, chat: int = GROUP) -> str:
        message = self._message(text, chat, {"id": CUSTOMER, "first_name": "A", "last_name": "customer"})
        self._update("message", message)
        return f"{chat}:{message['message_id']}"

    def confide(self, text: str, who: int) -> dict[str, Any]:
        return {"in_reply_to": self.write(text, CUSTOMER + who), "recipient_id": str(CUSTOMER + who)}

    def send_picture(self, body: bytes, caption: str = "") -> None:
        """To the bot alone, in two sizes."""
        message = self._message("", CUSTOMER, {"id": CUSTOMER, "first_name": "A", "last_name": "customer"})
        del message["text"]
        own = f"AgACAgIAAxkBAAIC4111111111111111{self.number()}"
        self.files[own] = body
        small = {"file_id": "AgACAgIAAxkBsmall", "width": 90, "height": 60}
        message["photo"] = [small, {"file_id": own, "width": 800, "height": 600}]
        message |= {"caption": caption} if caption else {}
        self._update("message", message)

    def edit(self, external_id: str, text: str) -> None:
        message = self.standing[external_id] = self.standing[external_id] | {
            "text": text,
            "edit_date": int(time.time()),
        }
        self._update("edited_message", message)

    def delete(self, external_id: str) -> None:
        del self.standing[external_id]

    def answers_to(self, external_id: str) -> list[str]:
        number = int(external_id.partition(":")[2])
        return [
            message.get("text") or message["caption"]
            for own, message in self.standing.items()
            if own.startswith("-") and message.get("reply_to_message", {}).get("message_id") == number
        ]

    def messages(self) -> list[str]:
        return [
            message["text"]
            for own, message in self.standing.items()
            if not own.startswith("-") and message["from"]["id"] == BOT
        ]

    def delivery(self) -> tuple[dict[str, str], bytes]:
        """Telegram sends one update at a time; an empty one when there is none."""
        update = self.updates.pop(0) if self.updates else {"update_id": self.number()}
        return {SECRET_HEADER: SECRET}, json.dumps(update).encode()

    def strange_delivery(self) -> bytes:
        return json.dumps(
            {"update_id": 1, "poll_answer": {"poll_id": "1"}, "message": {"new_chat_title": "x"}}
        ).encode()

    def answer(self, request: Request) -> Said:
        if request.path.startswith(f"/file/bot{TOKEN}/photos/"):
            return Said(self.files[request.path.rpartition("/")[2]])
        token, method = request.path.strip("/").split("/")
        if token != f"bot{TOKEN}":
            return refusal(404, {"ok": False})
        match method:
            case "setWebhook":
                if not request.json["url"].startswith("https://"):
                    return refusal(400, {"ok": False, "description": "Bad Request: HTTPS url must be used"})
                self.hook = request.json | {"pending_update_count": len(self.updates)}
                return self._said(True)
            case "deleteWebhook":
                self.hook = {}
                return self._said(True)
            case "getWebhookInfo":
                told = {"url": "", "has_custom_certificate": False, "pending_update_count": 0} | self.hook
                return self._said({name: value for name, value in told.items() if name != "secret_token"})
            case "getUpdates" if self.hook:
                why = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"
                return refusal(409, {"ok": False, "description": why})
            case "getFile":
                own = request.query["file_id"]
                return self._said({"file_id": own, "file_path": f"photos/{own}"})
            case "getMe":
                return self._said({"id": BOT, "is_bot": True, "username": "meridian_bot"})
            case "getUpdates":
                after = int(request.query.get("offset", 0))
                return self._said([update for update in self.updates if update["update_id"] >= after])
            case "sendMessage":
                return self._sent(request.json)
            case "sendPhoto":
                return self._photo(request)
            case "editMessageCaption":
                own = f"{request.json['chat_id']}:{request.json['message_id']}"
                self.standing[own] |= {"caption": request.json["caption"]}
                return self._said(self.standing[own])
            case "deleteMessage":
                own = f"{request.json['chat_id']}:{request.json['message_id']}"
                return self._said(True) if self.standing.pop(own, None) else _not_found()
            case "editMessageText":
                own = f"{request.json['chat_id']}:{request.json['message_id']}"
                if "photo" in self.standing[own]:
                    why = "Bad Request: there is no text in the message to edit"
                    return refusal(400, {"ok": False, "description": why})
                self.standing[own] |= {"text": request.json["text"]}
                return self._said(self.standing[own])
        return refusal(400, {"ok": False})

    def _sent(self, asked: dict[str, Any]) -> Said:
        answered = asked.get("reply_parameters", {}).get("message_id")
        known = {message["message_id"] for message in self.standing.values()}
        if len(asked["text"]) > 4096 or (answered and answered not in known):
            return refusal(400, {"ok": False, "description": "Bad Request"})
        message = self._message(asked["text"], int(asked["chat_id"]), {"id": BOT, "is_bot": True})
        if answered:
            message["reply_to_message"] = {"message_id": answered, "chat": message["chat"]}
        return self._said(message)

    def _photo(self, request: Request) -> Said:
        form = multipart.fields(request.headers["content-type"], request.body)
        given = {name: value.decode() for name, (kind, value) in form.items() if not kind}
        if self.no_pictures or len(given["caption"]) > 1024:
            return refusal(400, {"ok": False, "description": "Bad Request: IMAGE_PROCESS_FAILED"})
        answered = json.loads(given.get("reply_parameters", "{}"))
        said = self._sent({"chat_id": given["chat_id"], "text": "", "reply_parameters": answered})
        message = said.body["result"]
        del message["text"]
        message |= {"caption": given["caption"], "photo": [{"file_id": f"ours{message['message_id']}"}]}
        self.files[f"ours{message['message_id']}"] = form["photo"][1]
        return said

    def shown(self) -> list[tuple[bytes, str]]:
        ours = [message for message in self.standing.values() if message["from"]["id"] == BOT and "photo" in message]
        return [(self.files[message["photo"][0]["file_id"]], "") for message in ours]

    def refuse_pictures(self) -> None:
        self.no_pictures = True

    def _message(self, text: str, chat: int, author: dict[str, Any]) -> dict[str, Any]:
        place = {"id": chat, "type": "private" if chat > 0 else "supergroup"}
        message = {"message_id": self.number(), "from": author, "chat": place, "date": int(time.time()), "text": text}
        self.standing[f"{chat}:{message['message_id']}"] = message
        return message

    def _update(self, kind: str, message: dict[str, Any]) -> None:
        self.updates.append({"update_id": self.number(), kind: message})

    def _said(self, result: object) -> Said:
        return Said({"ok": True, "result": result})


def _not_found() -> Said:
    return refusal(400, {"ok": False, "description": "Bad Request: message to delete not found"})


def serve() -> AbstractContextManager[TelegramPeer]:
    """Telegram, reachable."""
    return served(TelegramPeer())
