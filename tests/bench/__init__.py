"""What it costs: each module measures one road and yields figures; `make bench` prints them as JSON lines.

Where a limit exists it is measured in the same run, in alternating pairs, and the ratio of the medians is
what counts: machines are noisy, ratios less so.
"""
