"""The shape of a theme: one thing that people write about, with the sentences that they write."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """One thing that people write about.

    `lines` open a conversation and `after` follow an answer; both hold slots such as {city}. `tone` is that of
    the opening. `weight` is how often it comes up beside the other themes of its language, `private` the share
    that is sent as a private message.
    """

    key: str
    tone: str
    weight: float
    lines: tuple[str, ...]
    after: tuple[str, ...] = ()
    private: float = 0.0
