"""The demonstration: an invented bank with its people and rules, a month of history, and customers who write.

Nothing here is needed by an installation of a bank's own. Every name, text and figure was made up for it.
"""
