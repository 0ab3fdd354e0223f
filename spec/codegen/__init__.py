"""The compiler from spec/dss.yaml to generated/dss_api.

Each stage is one module: `read` (YAML into nodes with line numbers), `check` (all mistakes of the
spec at once), `build` (the API as the plain classes of `model`), `write` (templates, formatting,
comparison).
"""
