"""The installation: its settings, its programs and what they stand on."""

import os

# Before numpy is loaded: threads gain nothing on matrices as small as ours, fight for the cores, and do not survive
# the fork.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
