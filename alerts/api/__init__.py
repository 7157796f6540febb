"""The HTTP API (/v1): each route is one call of a service function; the gate stands before all of them.

app.py        the application: routes, gate, limits, headers, OpenAPI
access.py     who may call what: rules, the gate, sessions
problem.py    every refusal as problem+json (RFC 9457); the one table of errors to statuses
limits.py     bytes, time and how often; headers.py: what every answer carries, what is logged and counted
wire.py       JSON that comes in; answers.py and deliveries.py: JSON that goes out; documents.py: records and CAP
alerts.py, people.py, inbox.py, operations.py, health.py: the routes
"""
