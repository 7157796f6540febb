"""From what law enforcement says to a notice that may leave, and everything people meet of it.

    record, CAP ──intake──► alert ──validation──► submitted ──second officer──► approved ──notice──► `notifiers`
                            (draft)   all faults    (sealed)     `lifecycle`      (frozen)   one transaction

    intake, record, cap, photo, validation, programme, criteria   what comes in, judged; pure but for the photo's child
    model, lifecycle, compose, texts, notice                      the alert, its states, its words, its freeze; pure
    service/, reading, store, sealing, audit                      one function a decision, one transaction each
    api/, pages/                                                  the HTTP API; what officers, people, operators see
    main, worker_process, schedule, dispatch, processes           the composition root and what runs
    cli, commands/, demo/                                         the command `lookout`

alerts -> notifiers -> geo: `geo` finds who is inside an area, `notifiers` tells each of them once, and neither knows
what stands here.
"""
