"""What people do to alerts, one transaction each. The API, the pages and the command line all come through here.

submit.py    a document becomes a message that waits for a second person; edit, update, enlarge
decide.py    that person approves, returns or rejects; an approval queues the notice in the same transaction
repeating.py what is in force is said once more, silently, at one officer's word
end.py       cancel, expire; the incident's key is destroyed, and with it everything that was sealed
reach.py     whom an area would reach; checking a document without storing it
operate.py   pause, resume, how deliveries stand
people.py    recipients sign up, move and leave
arrivals.py  the map follows the store; who comes into an active area is told, once, whatever dies in between

known_photos.py  whether a photo stands in another alert, or stood in one that has ended
drafting.py  from a document to what is stored: photos, area, rules, reach, hash
publishing.py a message comes into force: its notice is queued in the decision's own transaction
chain.py     an incident's rows as a `lifecycle.Incident`, and back
"""
