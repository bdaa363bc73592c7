"""What the console's pages show, read from the rows into plain values that the templates spell out.

`words` says things and `lists` reads queues and rows. Of one conversation `reading` asks once for what several parts
show: `head` who and what can be done, `thread` what was said, `composer` what may be written, `beside` the rest.
"""
