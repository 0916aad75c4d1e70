"""Loading a version of the catalogue."""

import tomllib
from datetime import datetime

from django.db import transaction

from meterdesk.catalogue.models import CatalogueVersion
from meterdesk.catalogue.queries.offers import newest_version
from meterdesk.catalogue.rules.definition import Catalogue, read_catalogue
from meterdesk.kernel.errors import Conflict, Refused
from meterdesk.platform import activity


@transaction.atomic
def load_catalogue(text: str, *, at: datetime, dry_run: bool = False) -> tuple[Catalogue, bool]:
    """Offer what a TOML file states from now on; returns it, and whether it was new.

    The newest version again is no change; a dry run never is one. For the operator's shell;
    requests keep the version under which they were raised.

    Raises:
        Refused: the file is no catalogue; the message names the place.
        Conflict: that version was loaded before with other content, or is an old one.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"The catalogue is not TOML: {error}.", code="bad_catalogue") from error
    found = read_catalogue(content)
    newest = newest_version()
    if newest.version == found.version and newest.content == content:
        return found, False
    if CatalogueVersion.objects.filter(version=found.version).exists():
        raise Conflict(f"Version {found.version} was loaded before. Give the change a new version.")
    if dry_run:
        return found, True
    CatalogueVersion.objects.create(version=found.version, content=content, loaded_at=at)
    activity.record(actor=None, verb="catalogue.load", subject=found.version, at=at)
    return found, True
