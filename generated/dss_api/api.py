# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""All operations, in their groups."""

from __future__ import annotations

from dss_wire.transport import Transport

from .admin_operations import AdminOperations
from .provider_operations import ProviderOperations
from .session_operations import SessionOperations
from .user_operations import UserOperations


class DssApi:
    """ITK-SNAP Distributed Segmentation Service (DSS) middleware: one method for each operation.

    Attributes:
        session: Operations to sign in and out.
        user: Operations for users, who submit tickets and fetch their results.
        provider: Operations for providers of services, who claim tickets and process them.
        admin: Operations for system administrators. Other users are refused.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.session = SessionOperations(transport)
        self.user = UserOperations(transport)
        self.provider = ProviderOperations(transport)
        self.admin = AdminOperations(transport)
