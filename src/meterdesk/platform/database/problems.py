"""What can go wrong with the embedded database, in sentences that say what to do."""

import errno
import re
import shutil
from pathlib import Path

_ONE_LOG_SEGMENT = 16 * 1024 * 1024
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}


class DatabaseUnavailable(Exception):
    """The embedded database cannot be used; the message says why and what to do about it."""


def disk_full(folder: Path) -> DatabaseUnavailable:
    """The disk below folder has no room left."""
    return DatabaseUnavailable(
        f"The disk that holds {folder} is full, so the database cannot start. "
        "Free at least 200 MB there, or set METERDESK_HOME to a folder on another disk, "
        "and start again."
    )


def not_writable(folder: Path) -> DatabaseUnavailable:
    """This account lacks the right to write in folder."""
    return DatabaseUnavailable(
        f"The database needs to write in {folder}, and this account may not. "
        "Give the account that folder, or set METERDESK_HOME to a folder of its own."
    )


def other_version(data: Path, found: str, ours: str) -> DatabaseUnavailable:
    """The data folder was made by PostgreSQL of another major version."""
    return DatabaseUnavailable(
        f"The data folder {data} was made by PostgreSQL {found}, and Meterdesk brings "
        f"PostgreSQL {ours}. Dump the data with PostgreSQL {found} and load it into a new "
        "folder, or set METERDESK_HOME to a new folder to begin afresh."
    )


def not_private(folder: Path) -> DatabaseUnavailable:
    """The folder for the socket belongs to somebody else or is open to others."""
    return DatabaseUnavailable(
        f"The folder {folder} for the database's socket belongs to another account or is open "
        "to others, so it cannot be trusted. Remove it, or set XDG_RUNTIME_DIR to a private "
        "folder."
    )


def from_os_error(error: OSError, folder: Path) -> DatabaseUnavailable:
    """The sentence for an error of the operating system met while working in folder."""
    if error.errno in _NO_SPACE:
        return disk_full(folder)
    if error.errno in _NO_RIGHT:
        where = Path(error.filename) if isinstance(error.filename, str) else folder
        return not_writable(folder if where.is_relative_to(folder) else where)
    return DatabaseUnavailable(
        f"The database could not be prepared in {folder}: {error.strerror or error}. "
        "Mend that, or set METERDESK_HOME to another folder."
    )


def from_output(output: str, folder: Path, log: Path) -> DatabaseUnavailable:
    """The sentence for what initdb or postgres wrote before giving up."""
    full = "No space left on device" in output or "Disk quota exceeded" in output
    # On a full disk the log may be cut off before the reason.
    if full or shutil.disk_usage(folder).free < _ONE_LOG_SEGMENT:
        return disk_full(folder)
    if "Permission denied" in output or "Read-only file system" in output:
        return not_writable(folder)
    reasons = re.findall(r"(?:FATAL|PANIC|error): +(.+)", output) or output.strip().splitlines()
    reason = reasons[-1].rstrip(".") if reasons else "it gave no reason"
    return DatabaseUnavailable(
        f"PostgreSQL did not start: {reason}. Its log is {log}; `meterdesk doctor` checks the rest."
    )
