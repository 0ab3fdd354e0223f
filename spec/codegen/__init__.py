"""The compiler: spec/dss.yaml in, generated/dss_api out.

Stages, one module each: `read` (YAML into nodes that know their line), `check` (every fault of the
spec at once), `build` (the API as the plain classes of `model`), `write` (templates, formatting,
comparison).
"""
