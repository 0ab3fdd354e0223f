"""The saved form of entities, with keys instead of references and file names instead of paths."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, get_args

import attrs
import cattrs

from dss_api import FileArea, LogCategory

from ..file_store import StoredFile
from .clock import ClockSetting
from .entities import (
    Attachment,
    Entity,
    Files,
    LogEntry,
    Member,
    Provider,
    Service,
    Session,
    StatusChange,
    StrayFiles,
    Ticket,
    User,
)
from .stored_number import format_number, parse_number


@attrs.frozen
class References:
    """The objects that documents refer to.

    Attributes:
        users: the users by id.
        services: the services by githash.
        folder: the folder of the files.
    """

    users: Mapping[int, User]
    services: Mapping[str, Service]
    folder: Path


@attrs.frozen
class Settings:
    """The values that a state has once.

    Attributes:
        run: how many times the state was restored.
    """

    run: int = 0
    clock: ClockSetting = attrs.field(factory=ClockSetting)


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
    def from_entity(cls, user: User) -> UserDocument:
        return cls(
            user.id,
            user.email,
            user.token,
            user.name,
            user.sysadmin,
            user.tier,
            user.accepted_terms,
        )

    def restore(self, references: References) -> User:
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
    """The session of a signed-in user."""

    kind: ClassVar[str] = "session"
    id: str = attrs.field(repr=False)
    user: int

    @classmethod
    def from_entity(cls, session: Session) -> SessionDocument:
        assert session.user is not None, "a session without a user is not saved"
        return cls(session.id, session.user.id)

    def restore(self, references: References) -> Session:
        return Session(self.id, references.users[self.user])


@attrs.frozen
class ServiceDocument:
    """A version of a service."""

    kind: ClassVar[str] = "service"
    githash: str
    descriptor: Mapping[str, object]
    heard_from: float
    asked_for: bool

    @classmethod
    def from_entity(cls, service: Service) -> ServiceDocument:
        return cls(service.githash, dict(service.descriptor), service.heard_from, service.asked_for)

    def restore(self, references: References) -> Service:
        return Service(self.githash, self.descriptor, self.heard_from, self.asked_for)


@attrs.frozen
class ProviderDocument:
    """A provider.

    Attributes:
        members: the ids of its users, and whether each user is an administrator of the provider.
    """

    kind: ClassVar[str] = "provider"
    name: str
    listed: bool
    members: list[tuple[int, bool]]
    offers: dict[str, bool]

    @classmethod
    def from_entity(cls, provider: Provider) -> ProviderDocument:
        members = [(member.user.id, member.admin) for member in provider.members.values()]
        return cls(provider.name, provider.listed, members, dict(provider.offers))

    def restore(self, references: References) -> Provider:
        members = {user: Member(references.users[user], admin) for user, admin in self.members}
        return Provider(self.name, self.listed, members, self.offers)


@attrs.frozen
class FileDocument:
    """A file of a ticket. `file` is its name in the file store."""

    name: str
    file: str
    size: int

    @classmethod
    def from_entity(cls, stored: StoredFile) -> FileDocument:
        return cls(stored.name, stored.path.name, stored.size)

    def restore(self, references: References) -> StoredFile:
        return StoredFile(self.name, _make_path(references, self.file), self.size)


@attrs.frozen
class AttachmentDocument:
    """An attachment. `file` is its name in the file store, if it is not erased."""

    id: int
    description: str
    mime_type: str
    blob: str
    file: str | None

    @classmethod
    def from_entity(cls, attachment: Attachment) -> AttachmentDocument:
        return cls(
            attachment.id,
            attachment.description,
            attachment.mime_type,
            attachment.blob,
            None if attachment.path is None else attachment.path.name,
        )

    def restore(self, references: References) -> Attachment:
        path = None if self.file is None else _make_path(references, self.file)
        return Attachment(self.id, self.description, self.mime_type, self.blob, path)


@attrs.frozen
class TicketDocument:
    """A ticket without its log. The log is saved line by line, because it grows.

    Attributes:
        chunks: the start and end of each chunk as strings, and the progress of the chunk.
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
    def from_entity(cls, ticket: Ticket) -> TicketDocument:
        return cls(
            ticket.id,
            ticket.user.id,
            ticket.service.githash,
            list(ticket.history),
            sorted(ticket.claimers),
            [
                (format_number(start), format_number(end), done)
                for (start, end), done in ticket.chunks.items()
            ],
            [AttachmentDocument.from_entity(attachment) for attachment in ticket.unlinked],
            _make_file_documents(ticket.files),
            ticket.last_activity,
        )

    def restore(self, references: References) -> Ticket:
        return Ticket(
            self.id,
            references.users[self.user],
            references.services[self.service],
            self.history,
            set(self.claimers),
            {(parse_number(start), parse_number(end)): done for start, end, done in self.chunks},
            unlinked=[attachment.restore(references) for attachment in self.unlinked],
            files=_restore_files(self.files, references),
            last_activity=self.last_activity,
        )


@attrs.frozen
class StrayFilesDocument:
    """Files in the areas of a ticket that does not exist."""

    kind: ClassVar[str] = "strays"
    id: int
    files: dict[FileArea, list[FileDocument]]

    @classmethod
    def from_entity(cls, stray_files: StrayFiles) -> StrayFilesDocument:
        return cls(stray_files.id, _make_file_documents(stray_files.files))

    def restore(self, references: References) -> StrayFiles:
        return StrayFiles(self.id, _restore_files(self.files, references))


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
    def from_entity(cls, entry: LogEntry) -> LogEntryDocument:
        attachments = [
            AttachmentDocument.from_entity(attachment) for attachment in entry.attachments
        ]
        return cls(
            entry.id, entry.ticket_id, entry.time, entry.category, entry.message, attachments
        )

    def restore(self, references: References) -> LogEntry:
        attachments = tuple(attachment.restore(references) for attachment in self.attachments)
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
    | StrayFilesDocument
)

KINDS = tuple(kind.kind for kind in get_args(Document))
"""The kinds of documents."""


_KINDS_BY_TYPE: Mapping[type[Entity], str] = {
    User: UserDocument.kind,
    Service: ServiceDocument.kind,
    Provider: ProviderDocument.kind,
    Session: SessionDocument.kind,
    Ticket: TicketDocument.kind,
    LogEntry: LogEntryDocument.kind,
    StrayFiles: StrayFilesDocument.kind,
}


def get_key(entity: Entity) -> tuple[str, int | str]:
    """Return the kind of an entity, and the key that identifies the entity in this kind."""
    found: int | str
    match entity:
        case Service():
            found = entity.githash
        case Provider():
            found = entity.name
        case StrayFiles():
            # A string, because such an id can exceed SQLite's integers: a client chose it.
            found = str(entity.id)
        case _:
            found = entity.id
    return _KINDS_BY_TYPE[type(entity)], found


def make_document(entity: Entity) -> Document | None:
    """Return the data to save for an entity, or `None` if the entity no longer exists."""
    found: Document | None
    match entity:
        case User():
            found = UserDocument.from_entity(entity)
        case Service():
            found = ServiceDocument.from_entity(entity)
        case Provider():
            found = ProviderDocument.from_entity(entity)
        case Session():
            found = None if entity.is_ended else SessionDocument.from_entity(entity)
        case Ticket():
            found = TicketDocument.from_entity(entity)
        case LogEntry():
            found = LogEntryDocument.from_entity(entity)
        case StrayFiles():
            found = StrayFilesDocument.from_entity(entity) if entity.files else None
    return found


def make_converter() -> cattrs.Converter:
    """Return a converter between documents and JSON types that rejects unknown keys."""
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)
    # A descriptor can hold anything.
    converter.register_structure_hook_func(lambda kind: kind is object, lambda value, _: value)
    return converter


def _make_file_documents(files: Files) -> dict[FileArea, list[FileDocument]]:
    return {
        area: [FileDocument.from_entity(file) for file in files[area].values()] for area in files
    }


def _restore_files(saved: Mapping[FileArea, list[FileDocument]], references: References) -> Files:
    return {
        area: {file.name: file.restore(references) for file in saved[area]} for area in FileArea
    }


def _make_path(references: References, name: str) -> Path:
    if not name.isdecimal():
        raise ValueError(f"{name!r} is not the name of a file in this folder")
    return references.folder / name
