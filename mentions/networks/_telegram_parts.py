"""What a Telegram message carries besides its words: files, and what is told of as words here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mentions.networks import _files as files
from mentions.networks._shapes import mapping, maps, text

_ATTACHED: Final = {
    "photo": "image",
    "video": "video",
    "animation": "animation",
    "audio": "audio",
    "voice": "audio",
    "document": "document",
    "sticker": "image",
    "video_note": "video",
}


def attached(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was sent besides words: of a photograph its largest size, of a document often the photograph of one."""
    found = []
    for name, kind in _ATTACHED.items():
        sizes = maps(message.get(name))
        part = sizes[-1] if sizes else mapping(message.get(name))
        moves = part.get("is_animated") is True or part.get("is_video") is True
        if name == "document" and "animation" in message:
            continue  # the same once more, for older programs
        if own := text(part.get("file_id")):
            shown = "image" if text(part.get("mime_type")).startswith("image/") else "animation" if moves else kind
            found.append(files.sent(own, shown, text(part.get("file_name")) or text(part.get("emoji"))))
    return found


def told(message: Mapping[str, Any]) -> str:
    """What carries neither words nor a file, in words; empty for a join, a title or a pin."""
    person, venue, poll = (mapping(message.get(name)) for name in ("contact", "venue", "poll"))
    if person:
        known = [text(person.get(name)) for name in ("first_name", "last_name", "phone_number")]
        return f"[contact: {' '.join(filter(None, known))}]"
    if venue:
        return f"[location: {', '.join(filter(None, (text(venue.get('title')), text(venue.get('address')))))}]"
    if place := mapping(message.get("location")):
        return f"[location: {place.get('latitude')}, {place.get('longitude')}]"
    return f"[poll: {text(poll.get('question'))}]" if poll else ""
