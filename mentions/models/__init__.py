"""What the world said, as rows: sources, authors, mentions, conversations, and the event table.

Three shapes repeat here and have one reason each. Identifiers, figures and labels are apart from
content, so that a purge deletes `MentionContent` and the raw record and leaves every figure standing.
Nothing has a foreign key to a person, because people live in a higher layer and who did it is said by
the event. Rows carry an `Origin`, and whoever counts, shows or answers asks for live rows alone.

The event table, its seals and the raw records are partitioned and have no model: they are made in the
migration `0002_chain`, events are read and written by `mentions.events` alone.
"""

from mentions.models.conversations import Author, Conversation, ConversationQuerySet, Mute, Picture, Stretch
from mentions.models.intake import Consumer, Delivery, PendingOperation, Reject
from mentions.models.kinds import Kind, Origin, State, Visibility
from mentions.models.posts import Correction, Heard, Media, Mention, MentionContent, MentionVersion, SearchEntry
from mentions.models.rules import Calendar, Edition, Queue, RoutingRule, SavedSearch, SlaPolicy
from mentions.models.sources import Beside, Budget, Gap, OwnPost, Source, Stream, Usage

__all__ = [
    "Author",
    "Beside",
    "Budget",
    "Calendar",
    "Consumer",
    "Conversation",
    "ConversationQuerySet",
    "Correction",
    "Delivery",
    "Edition",
    "Gap",
    "Heard",
    "Kind",
    "Media",
    "Mention",
    "MentionContent",
    "MentionVersion",
    "Mute",
    "Origin",
    "OwnPost",
    "PendingOperation",
    "Picture",
    "Queue",
    "Reject",
    "RoutingRule",
    "SavedSearch",
    "SearchEntry",
    "SlaPolicy",
    "Source",
    "State",
    "Stream",
    "Stretch",
    "Usage",
    "Visibility",
]
