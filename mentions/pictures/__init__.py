"""Pictures, made harmless: strangers' are fetched from their networks' own hosts alone, written anew, kept, let go.

`making` turns bytes into a picture of ours, one that is shown here or one that leaves. `fetching` brings strangers'
(in the worker, after intake, never in a request), `keeping` stores each once and deletes it with the last row that
shows it.
"""

from mentions.pictures.making import Made, NotAPicture, make, to_send

__all__ = ["Made", "NotAPicture", "make", "to_send"]
