"""Real servers of real networks, on this machine alone: `make test-peers` runs the whole product against them.

Nothing here is collected by `make test`: the servers are other people's, large, and installed when they are asked
for (`PEERS_DIR`, else a folder in the user's cache).
"""
