"""One file a medium; `base` is the contract they all keep. Channels do not know each other."""
