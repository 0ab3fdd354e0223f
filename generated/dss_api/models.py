# Compiled from spec/dss.yaml by spec/codegen; do not edit, change the contract and run `make generate`.
"""Answers of the middleware."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from dss_wire.records import Record

from .enums import LogCategory, TicketStatus


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Account(Record):
    """The account that is signed in.

    Attributes:
        email: The user's e-mail address.
    """

    email: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Service(Record):
    """A service in a list of services.

    Attributes:
        name: The service's name.
        githash: The service's git commit, 40 hexadecimal digits; its key everywhere.
        version: The service's version.
        shortdesc: A description in one line; cut at 78 characters.
    """

    name: str
    githash: str
    version: str
    shortdesc: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ServiceDescriptor(Record):
    """The description of a service, from its `service.json`.

    Attributes:
        name: The service's name.
        version: The service's version; it can be a number on the wire.
        shortdesc: A description in one line.
        longdesc: A longer description.
        url: A web page about the service.
        tags: The required and optional tags of the workspace's layers.
    """

    name: str
    version: str
    shortdesc: str
    longdesc: str | None = None
    url: str | None = None
    tags: tuple[ServiceTag, ...] | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ServiceTag(Record):
    """A tag that a service uses to find a layer of the workspace.

    Attributes:
        name: The tag.
        type: The kind of layer for the tag, such as `MainImage`.
        hint: The text that ITK-SNAP shows for the tag.
        required: Whether a ticket needs the tag.
    """

    name: str
    type: str | None = None
    hint: str | None = None
    required: bool | None = None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ServiceStats(Record):
    """Statistics of a service over the last 24 hours.

    Attributes:
        n_success: How many times a ticket was set to success. At least 0.
        n_failed: How many times a ticket was set to failed. At least 0.
        avg_duration: Mean time from the last claim to a success; absent without a success,
            negative after a retry.
        last_heard_from: Time since a provider last asked for work or reported progress; at
            first, since registration.
        queue_length: The number of ready tickets. At least 0.
    """

    n_success: int
    n_failed: int
    avg_duration: timedelta | None = None
    last_heard_from: timedelta
    queue_length: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Ticket(Record):
    """A ticket in the list of its user.

    Attributes:
        id: The ticket's id. At least 1.
        service: The service's name.
        status: The state of a ticket.
    """

    id: int
    service: str
    status: TicketStatus


@attrs.frozen(kw_only=True, eq=False, repr=False)
class SubmittedTicket(Record):
    """A ticket in the administrators' list.

    Attributes:
        id: The ticket's id. At least 1.
        email: The e-mail address of its user.
        service: The service's name.
        status: The state of a ticket.
        duration: Time from the first to the last change of its status, rounded to minutes; null
            in JSON in 2020.
    """

    id: int
    email: str
    service: str
    status: TicketStatus
    duration: timedelta | None


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Claim(Record):
    """A ticket that was just claimed.

    Attributes:
        id: The ticket's id. At least 1.
        service_githash: The git commit of the ticket's service.
        status: The state of a ticket.
    """

    id: int
    service_githash: str
    status: TicketStatus


@attrs.frozen(kw_only=True, eq=False, repr=False)
class TicketFile(Record):
    """A file of a ticket.

    Attributes:
        index: Its place in the list; it changes when files change. At least 0.
        filename: Its name.
    """

    index: int
    filename: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class LogEntry(Record):
    """A line of a ticket's log.

    Attributes:
        id: The entry's id; it increases over all tickets. At least 1.
        atime: The time when it was written.
        category: The severity of a log message.
        attachments: The number of its attachments. At least 0.
        message: The text; it can contain newlines.
    """

    id: int
    atime: datetime
    category: LogCategory
    attachments: int
    message: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class DetailedLogEntry(Record):
    """A line of a ticket's log, with its attachments.

    Attributes:
        id: The entry's id; it increases over all tickets. At least 1.
        atime: The time when it was written.
        category: The severity of a log message.
        attachments: Its attachments.
        message: The text; it can contain newlines.
    """

    id: int
    atime: datetime
    category: LogCategory
    attachments: tuple[Attachment, ...]
    message: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Attachment(Record):
    """A file of a log entry.

    Attributes:
        id: The attachment's id. At least 1.
        description: A description of the file.
        mime_type: Its MIME type.
        url: The address to download it; needs no login.
    """

    id: int
    description: str
    mime_type: str
    url: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class TicketDetail(Record):
    """A ticket, with everything its user can see.

    Attributes:
        status: The state of a ticket.
        progress: The sum over chunks while `claimed`, 1 if finished, otherwise 0.
        queue_position: The place among the ready tickets of all services; only while `ready`.
            At least 1.
        log: The log, oldest first.
    """

    status: TicketStatus
    progress: float
    queue_position: int | None = None
    log: tuple[DetailedLogEntry, ...]


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ProvidedService(Record):
    """A service that a provider offers.

    Attributes:
        name: The service's name.
        version: The service's version.
        githash: The service's git commit, 40 hexadecimal digits; its key everywhere.
        provider: The provider's name.
    """

    name: str
    version: str
    githash: str
    provider: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class AvailableService(Record):
    """A service with tickets to claim.

    Attributes:
        service_githash: The service's git commit.
        service_name: The service's name.
        ready_tickets: The number of ready tickets. At least 0.
    """

    service_githash: str
    service_name: str
    ready_tickets: int


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Provider(Record):
    """A provider of services, such as a lab.

    Attributes:
        name: The provider's name.
    """

    name: str


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ProviderUser(Record):
    """A user who may act for a provider.

    Attributes:
        id: The user's id. At least 1.
        email: The user's e-mail address.
        admin: Whether the user administers the provider.
    """

    id: int
    email: str
    admin: bool


@attrs.frozen(kw_only=True, eq=False, repr=False)
class ProviderMembership(Record):
    """A user who was added to a provider.

    Attributes:
        email: The user's e-mail address.
        provider: The provider's name.
    """

    email: str
    provider: str
