"""The demo: Lookout doing its whole job on invented people, through the real API, judged at the receivers.

`people` draws them, `world` and `enrolling` enrol them, `settling` says when, `warm` keeps them for the next time, `stamp` makes a file an exercise of today, `story` plays the officers over
HTTP, `expected` counts by brute force who must be told, `receivers` counts who was, `verdict` compares, `show` draws
bars in the terminal, `canaries` enrols whom the self-test tells, `run` puts it together.
"""
