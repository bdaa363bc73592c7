"""Streams: connections to networks that are held open, and what comes over them.

`wanting` says what of a stream concerns the bank, `holding` is one connection from its opening to its end, `keeping`
makes sure that every source that can be streamed is. What they bring goes through the one door (`intake`), and the
cursor is committed with it. Beside a stream that lives the network is asked by the clock now and then; where a
stream breaks off, the clock is set to now, and what was missed is asked for.
"""
