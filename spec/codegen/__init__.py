"""The compiler from spec/dss.yaml to generated/dss_api.

Stages, one module each: `read` (YAML into nodes that know their line), `check` (every fault of the
spec at once), `build` (the API as the plain classes of `model`), `write` (templates, formatting,
comparison).
"""
