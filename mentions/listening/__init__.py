"""Listening beyond what is addressed to us: saved searches, asked of the networks and compared with all that is stored.

`query` reads the language, `matching` says whether a post fits and by which words, `translating` puts a query into a
network's own language; the three are pure. `searches` keeps them as rows, `polling` asks the networks, `noting`
remembers which stored posts fit which search, `preview` shows what would have fitted before anything is saved.
"""
