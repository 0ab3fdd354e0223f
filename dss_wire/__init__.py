"""The runtime of a compiled contract: codec and transport.

A compiled package passes its own facts as a `dss_wire.operation.Contract`. These facts of the
middleware are fixed here: the key `result` around JSON, the type text/html of empty answers, and
the 10 seconds after which the middleware closes an idle connection.
"""
