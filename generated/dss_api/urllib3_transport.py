# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Transport to the middleware over urllib3."""

from dss_wire import urllib3_transport

from .constants import TOKEN_PAGE


class Urllib3Transport(urllib3_transport.Urllib3Transport):
    """Transport over kept-alive connections; see `dss_wire.urllib3_transport`."""

    user_agent = "dss_api"
    token_page = TOKEN_PAGE
