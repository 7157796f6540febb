"""From an approved notice to outcomes. Knows no approval, no CAP, no web page; imports of ours only `geo`.

    notices.add            a Notice, sealed under its incident's key (vault, freezing)
        |
    fanout.run             geo index -> recipients -> eligibility -> guard; or, for a cancel, whom the ledger says were told
        |                  (seen: up to which change of the positions newcomers were looked for, by notice)
    ledger.plan_once       the one door (door): minus who was planned for this version, cut into batches (planner)
        |
    batch rows             queue and outcomes in one: sets of positions (sets, bits), claimed under a lease (claiming)
        |
    Worker                 worker: the loop; turn: its transactions; job: one claim; sending: the sends (limits)
        |
    Channel.send           channels/: one file a medium -> Outcome (outcome)
        |
    ledger.checkpoint      recording: outcomes onto the sets; retry: again or not; troubles: what did not go well
        |
    tallies                counts that add up at every moment, reasons, latency, who was told

Two kinds of id, never confused: the map speaks recipient ids, batches and ledger speak subscription ids. The crash
rule that all of this rests on stands in `ledger`.
"""
