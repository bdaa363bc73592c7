"""What the console's pages show, read from the rows into plain values that the templates spell out.

`words` says things, `lists` reads queues and rows, `thread` reads one conversation, `composer` what may be
written there, `people` who is looking.
"""
