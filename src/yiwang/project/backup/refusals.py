"""Why a backup is not made or not restored. Told to the operator at the terminal, so in English like the rest there."""

from yiwang.kernel.base.refusals import Refusal, Text


class BackupRefused(Refusal):
    """Base of what stands here; nothing that is in use has been touched."""


class BackupBusy(BackupRefused):
    """Another backup is being made in the same folder."""

    message: Text = "Another backup is being made in this folder."
    remedy: Text = "Wait for it to end, or name another folder with --to."


class NoRoom(BackupRefused):
    """The disk has too little room."""

    message: Text = "There is too little room on the disk."
    remedy: Text = "Free some, or name a folder on another disk."


class NotWritable(BackupRefused):
    """The folder cannot be made or written."""

    message: Text = "The folder cannot be written."
    remedy: Text = "Name another one, or let the account of the node own it."


class CopyFailed(BackupRefused):
    """The database could not be copied, or not be read back; the words of the engine are in the message."""

    message: Text = "The database could not be copied."
    remedy: Text = "On PostgreSQL, pg_dump and pg_restore must be as new as the server."


class NoBackup(BackupRefused):
    """There is no complete backup here."""

    message: Text = "There is no complete backup in this folder."
    remedy: Text = "Name the folder that was given to `backup --to`, or one backup in it."


class BackupDamaged(BackupRefused):
    """A part is missing, cut off or altered; the message names it."""

    message: Text = "The backup is damaged."
    remedy: Text = "Take an older one, or another copy of this one. Nothing was changed."


class WrongKeyring(BackupRefused):
    """The key ring does not hold the keys that this backup needs."""

    message: Text = "The key ring is not the one of this backup."
    remedy: Text = "Name the right ring with --keyring FILE. Nothing was changed."


class NewerSchema(BackupRefused):
    """The backup was made by a newer version than this one."""

    message: Text = "The backup was made by a newer version of Yiwang than this one."
    remedy: Text = "Install that version, then restore. Nothing was changed."


class OtherEngine(BackupRefused):
    """The backup holds one engine's database, the target is another's."""

    message: Text = "The backup holds the database of another engine than the target."
    remedy: Text = "Name a fitting target with --database. Nothing was changed."


class TargetNotEmpty(BackupRefused):
    """There is something where the backup should go."""

    message: Text = "The target is not empty."
    remedy: Text = "Name an empty one, or say --replace: what is there is then moved aside, never deleted."


class NodeRunning(BackupRefused):
    """A node works on the target."""

    message: Text = "A node is running on the target."
    remedy: Text = "End it, then restore."


class LedgerAltered(BackupRefused):
    """What was restored does not verify."""

    message: Text = "The ledger in this backup does not verify; the findings are above."
    remedy: Text = "Take an older backup, or say --despite-findings to take it as it is. Nothing was changed."


class RingNotApart(BackupRefused):
    """The key ring would come to lie beside the data that it opens."""

    message: Text = "The key ring must not lie in the data folder or among backups."
    remedy: Text = "Name a folder on another medium: whoever finds both can open everything."
