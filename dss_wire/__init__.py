"""The runtime of a compiled contract: codec and transport.

Nothing here depends on a particular contract. A compiled package passes its own facts as a
`dss_wire.operation.Contract`.
"""
