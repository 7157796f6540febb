"""Alerts of others, from their feeds.

source --fetching.fetch--> bytes --entries.read_index--> Index of Entry --worth_fetching--> CAP --> a draft
            |                                                                              |
            +--health.after--> when to ask again             same_event.same_event --------+
"""
