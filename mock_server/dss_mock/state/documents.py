"""The things of the state as they are saved: keys stand for references, and names for paths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, get_args

import attrs
import cattrs

from dss_api import FileArea, LogCategory

from ..files import StoredFile
from .changes import Thing
from .clock import Setting
from .entities import (
    Attachment,
    Files,
    LogEntry,
    Member,
    Provider,
    Service,
    Session,
    StatusChange,
    Strays,
    Ticket,
    User,
)
from .stored_number import stored, written


@attrs.frozen
class Known:
    """What documents refer to.

    Attributes:
        users: by id.
        services: by githash.
        folder: where the files lie.
    """

    users: Mapping[int, User]
    services: Mapping[str, Service]
    folder: Path


@attrs.frozen
class Settings:
    """What there is one of.

    Attributes:
        run: how often the state was taken up again.
    """

    run: int = 0
    clock: Setting = attrs.field(factory=Setting)


@attrs.frozen
class UserDocument:
    """A user."""

    kind: ClassVar[str] = "user"
    id: int
    email: str
    token: str = attrs.field(repr=False)
    name: str
    sysadmin: bool
    tier: str
    accepted_terms: bool

    @classmethod
    def of(cls, user: User) -> UserDocument:
        return cls(
            user.id,
            user.email,
            user.token,
            user.name,
            user.sysadmin,
            user.tier,
            user.accepted_terms,
        )

    def thing(self, known: Known) -> User:
        return User(
            id=self.id,
            email=self.email,
            token=self.token,
            name=self.name,
            sysadmin=self.sysadmin,
            tier=self.tier,
            accepted_terms=self.accepted_terms,
        )


@attrs.frozen
class SessionDocument:
    """The session of a user who is signed in."""

    kind: ClassVar[str] = "session"
    id: str = attrs.field(repr=False)
    user: int

    @classmethod
    def of(cls, session: Session) -> SessionDocument:
        assert session.user is not None, "the session of nobody is not saved"
        return cls(session.id, session.user.id)

    def thing(self, known: Known) -> Session:
        return Session(self.id, known.users[self.user])


@attrs.frozen
class ServiceDocument:
    """A version of a service."""

    kind: ClassVar[str] = "service"
    githash: str
    descriptor: Mapping[str, object]
    heard_from: float
    asked_for: bool

    @classmethod
    def of(cls, service: Service) -> ServiceDocument:
        return cls(service.githash, dict(service.descriptor), service.heard_from, service.asked_for)

    def thing(self, known: Known) -> Service:
        return Service(self.githash, self.descriptor, self.heard_from, self.asked_for)


@attrs.frozen
class ProviderDocument:
    """A lab; its members are the ids of users, and whether each is its administrator."""

    kind: ClassVar[str] = "provider"
    name: str
    listed: bool
    members: list[tuple[int, bool]]
    offers: dict[str, bool]

    @classmethod
    def of(cls, provider: Provider) -> ProviderDocument:
        members = [(member.user.id, member.admin) for member in provider.members.values()]
        return cls(provider.name, provider.listed, members, dict(provider.offers))

    def thing(self, known: Known) -> Provider:
        members = {user: Member(known.users[user], admin) for user, admin in self.members}
        return Provider(self.name, self.listed, members, self.offers)


@attrs.frozen
class FileDocument:
    """A file of a ticket; `file` is the name under which its bytes lie."""

    name: str
    file: str
    size: int

    @classmethod
    def of(cls, stored: StoredFile) -> FileDocument:
        return cls(stored.name, stored.path.name, stored.size)

    def thing(self, known: Known) -> StoredFile:
        return StoredFile(self.name, _path(known, self.file), self.size)


@attrs.frozen
class AttachmentDocument:
    """An attachment; `file` is the name under which its bytes lie, if they still do."""

    id: int
    description: str
    mime_type: str
    blob: str
    file: str | None

    @classmethod
    def of(cls, attachment: Attachment) -> AttachmentDocument:
        return cls(
            attachment.id,
            attachment.description,
            attachment.mime_type,
            attachment.blob,
            None if attachment.path is None else attachment.path.name,
        )

    def thing(self, known: Known) -> Attachment:
        path = None if self.file is None else _path(known, self.file)
        return Attachment(self.id, self.description, self.mime_type, self.blob, path)


@attrs.frozen
class TicketDocument:
    """A ticket without its log, which grows while all else stays small.

    Attributes:
        chunks: the beginning and the end of each part, as texts, and its progress.
    """

    kind: ClassVar[str] = "ticket"
    id: int
    user: int
    service: str
    history: list[StatusChange]
    claimers: list[int]
    chunks: list[tuple[str, str, float]]
    unlinked: list[AttachmentDocument]
    files: dict[FileArea, list[FileDocument]]
    last_activity: float

    @classmethod
    def of(cls, ticket: Ticket) -> TicketDocument:
        return cls(
            ticket.id,
            ticket.user.id,
            ticket.service.githash,
            list(ticket.history),
            sorted(ticket.claimers),
            [(written(start), written(end), done) for (start, end), done in ticket.chunks.items()],
            [AttachmentDocument.of(attachment) for attachment in ticket.unlinked],
            _file_documents(ticket.files),
            ticket.last_activity,
        )

    def thing(self, known: Known) -> Ticket:
        return Ticket(
            self.id,
            known.users[self.user],
            known.services[self.service],
            self.history,
            set(self.claimers),
            {(stored(start), stored(end)): done for start, end, done in self.chunks},
            unlinked=[attachment.thing(known) for attachment in self.unlinked],
            files=_files(self.files, known),
            last_activity=self.last_activity,
        )


@attrs.frozen
class StraysDocument:
    """Files that lie where there is no ticket."""

    kind: ClassVar[str] = "strays"
    id: int
    files: dict[FileArea, list[FileDocument]]

    @classmethod
    def of(cls, strays: Strays) -> StraysDocument:
        return cls(strays.id, _file_documents(strays.files))

    def thing(self, known: Known) -> Strays:
        return Strays(self.id, _files(self.files, known))


@attrs.frozen
class LogEntryDocument:
    """A line of a ticket's log."""

    kind: ClassVar[str] = "log entry"
    id: int
    ticket_id: int
    time: float
    category: LogCategory
    message: str
    attachments: list[AttachmentDocument]

    @classmethod
    def of(cls, entry: LogEntry) -> LogEntryDocument:
        attachments = [AttachmentDocument.of(attachment) for attachment in entry.attachments]
        return cls(
            entry.id, entry.ticket_id, entry.time, entry.category, entry.message, attachments
        )

    def thing(self, known: Known) -> LogEntry:
        attachments = tuple(attachment.thing(known) for attachment in self.attachments)
        return LogEntry(
            self.id, self.ticket_id, self.time, self.category, self.message, attachments
        )


Document = (
    UserDocument
    | ServiceDocument
    | ProviderDocument
    | SessionDocument
    | TicketDocument
    | LogEntryDocument
    | StraysDocument
)

KINDS = tuple(kind.kind for kind in get_args(Document))
"""Of the documents that there are."""


_KIND_OF: Mapping[type[Thing], str] = {
    User: UserDocument.kind,
    Service: ServiceDocument.kind,
    Provider: ProviderDocument.kind,
    Session: SessionDocument.kind,
    Ticket: TicketDocument.kind,
    LogEntry: LogEntryDocument.kind,
    Strays: StraysDocument.kind,
}


def key(thing: Thing) -> tuple[str, int | str]:
    """The kind of a thing, and what tells it from all others of its kind."""
    found: int | str
    match thing:
        case Service():
            found = thing.githash
        case Provider():
            found = thing.name
        case Strays():
            # As a text, for there is no limit to an id that nobody gave out.
            found = str(thing.id)
        case _:
            found = thing.id
    return _KIND_OF[type(thing)], found


def document(thing: Thing) -> Document | None:
    """The document of a thing as it is now; `None` if it is no longer there."""
    found: Document | None
    match thing:
        case User():
            found = UserDocument.of(thing)
        case Service():
            found = ServiceDocument.of(thing)
        case Provider():
            found = ProviderDocument.of(thing)
        case Session():
            found = None if thing.ended else SessionDocument.of(thing)
        case Ticket():
            found = TicketDocument.of(thing)
        case LogEntry():
            found = LogEntryDocument.of(thing)
        case Strays():
            found = StraysDocument.of(thing) if thing.files else None
    return found


def make_converter() -> cattrs.Converter:
    """What turns documents into JSON's types and back, and takes nothing that it does not know."""
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
    # The descriptors of services hold whatever their authors put there.
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    return converter


def _file_documents(files: Files) -> dict[FileArea, list[FileDocument]]:
    return {area: [FileDocument.of(file) for file in files[area].values()] for area in files}


def _files(saved: Mapping[FileArea, list[FileDocument]], known: Known) -> Files:
    return {area: {file.name: file.thing(known) for file in saved[area]} for area in FileArea}


def _path(known: Known, name: str) -> Path:
    if not name.isdecimal():
        raise ValueError(f"{name!r} is no name of a file here")
    return known.folder / name
