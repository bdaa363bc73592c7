"""Strangers' pictures, made harmless: fetched from their networks' own hosts alone, written anew, kept, let go.

`making` turns bytes into a picture of ours, `fetching` brings them (in the worker, after intake, never in a request),
`keeping` stores each once and deletes it with the last row that shows it.
"""

from mentions.pictures.making import Made, NotAPicture, make

__all__ = ["Made", "NotAPicture", "make"]
