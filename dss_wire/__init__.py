"""The runtime below a compiled contract: codec and transport.

Nothing here depends on a particular contract. A compiled package hands in its facts as a
`dss_wire.operation.Contract`.
"""
