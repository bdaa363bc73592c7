"""What is kept in Valkey is data: whoever can write there makes none of our processes run anything."""

from __future__ import annotations

from typing import Any

import orjson


class Json:
    """Django's serializer of cached values, for what JSON can carry; a number stands bare, as Valkey counts it."""

    def dumps(self, value: Any) -> bytes:
        """Bytes of a value. Raises `TypeError` for what JSON cannot carry."""
        return orjson.dumps(value)

    def loads(self, data: bytes) -> Any:
        """The value; None, as if nothing were kept, of bytes that we cannot have written."""
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return None
