"""Receivers that ship with Lookout, for trying everything without reaching anybody.

    lookout --push--> push_service ---------\
    lookout --fcm---> fcm_service (http) ----\
    lookout --sms---> sms_gateway (http) -----+-- counts   <-- control (what came; be slow, fail, say 410)
    lookout --hook--> webhook_receiver ------/      faults <--/
    lookout --mail--> smtp_server ----------/

One process on the loopback address (`python -m notifiers.sandbox`), with one state in memory. The push service checks
what a real one checks (TTL, Topic, VAPID) and then does the browser's part too: it decrypts every message, with keys
that follow from a secret and the endpoint's token (`keys`), and counts what each subscription got.
"""
