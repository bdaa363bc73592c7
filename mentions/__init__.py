"""What the world said: from a network into the right queue.

May import Django and third parties, never `agents`, `commandcenter` or `config`. Facts leave upwards as
rows of the event table (`mentions.events`); whoever cares reads them there.
"""
