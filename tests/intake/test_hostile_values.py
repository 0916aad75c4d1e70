"""Values that cannot be, and records that contradict each other, in every kind of file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from django.db import transaction
from tests.intake.files import FORMS, Answer, stored, taken

from meterdesk.identity.actions import check_import
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.rules.accounts import IMPORT_BYTES_MOST
from meterdesk.identity.tests.factories import actor_for, make_person, make_user_id
from meterdesk.inventory.queries import closure
from meterdesk.inventory.tests import files as inventory
from meterdesk.inventory.tests.files import GAS_METER, HUB, METER, MPAN, PROXY, device_row
from meterdesk.kernel.errors import Refused
from meterdesk.platform.models import IntakeRefusal
from meterdesk.registration.tests.files import SUPPLIER

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NO_DATE = ("2026-02-30", "0000-01-01", "2026-13-01", "01/04/2026", "1e400", "٢٠٢٦-٠٤-٠١")
FAR = ("0001-01-01", "9999-12-31")
NO_INSTANT = (
    *("2026-02-30T09:30:00Z", "0000-01-01T00:00:00Z", "2026-04-01T24:00:00Z"),
    # An hour that a clock change skips, and one that it repeats: only an offset tells.
    *("2026-03-29T01:30:00", "2026-10-25T01:30:00"),
)
FAR_INSTANT = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2199-01-01T00:00:00Z")

DATES: Mapping[str, Sequence[tuple[str, str, Sequence[str]]]] = {
    "registration.csv": [("2024-04-01", "invalid_date", (*NO_DATE, *FAR))],
    "registration-electricity.txt": [("2024-04-01", "invalid_date", (*NO_DATE, *FAR))],
    "registration-gas.txt": [("2024-04-01", "invalid_date", (*NO_DATE, *FAR))],
    "products.csv": [
        ("01-11-2024", "bad_version", ("30-02-2024", "01-11-0000", "01-11-0001", "01-11-2199"))
    ],
    "inventory.csv": [
        ("2024-05-01T09:30:00Z", "bad_date", (*NO_DATE, *NO_INSTANT, FAR[0], *FAR_INSTANT[:2])),
        ("2024-05-01T09:30:00Z", "in_future", (FAR[1], FAR_INSTANT[2])),
    ],
    "prenotification.ndjson": [
        ("2024-01-01", "bad_date", (*NO_DATE, *NO_INSTANT, FAR[0], *FAR_INSTANT[:2])),
        ("2024-01-01", "in_future", (FAR[1], FAR_INSTANT[2])),
    ],
    "device-status.csv": [
        ("2024-06-01T10:00:00Z", "bad_date", (*NO_DATE, *NO_INSTANT, FAR[0], *FAR_INSTANT[:2])),
        ("2024-06-01T10:00:00Z", "in_future", (FAR[1], FAR_INSTANT[2])),
    ],
    "trail.ndjson": [
        ("2026-03-01T09:30:00Z", "bad_value", (*NO_DATE, *NO_INSTANT)),
        ("2026-03-01T09:30:00Z", "bad_time", FAR_INSTANT),
    ],
    "coverage.csv": [
        ("2027-03-31", "bad_anticipated_date", (*NO_DATE, *FAR)),
        ("2028-01-01", "bad_exemption_ends_date", (*NO_DATE, *FAR)),
    ],
    "coverage-whole.csv": [("2028-01-01", "bad_exemption_ends_date", (*NO_DATE, *FAR))],
    "hubs.csv": [
        ("2026-11-21T06:00:00+00:00", "bad_as_of", (*NO_INSTANT, *FAR_INSTANT)),
        ("2026-11-20T10:00:00Z", "bad_last_connection_at", (*NO_INSTANT, *FAR_INSTANT)),
    ],
}

CODES: Sequence[tuple[str, str, str, str]] = (
    ("registration.csv", ",IMPORT,", ",STEAM,", "unknown_kind"),
    ("registration.csv", "1000000000021", "1000000000020", "invalid_identifier"),
    ("registration.csv", SUPPLIER,
     "90-B3-D5-1F-30-01-00-99", "unknown_user_id"),
    ("registration.csv", SUPPLIER, "90-B3-D5-1F-30-05-00-01", "wrong_user_role"),
    ("registration-electricity.txt", "R|", "X|", "unknown_record"),
    ("registration-electricity.txt", "|IMPORT|", "|GAS|", "kind_contradicts_identifier"),
    ("registration-gas.txt", "|GAS|", "|STEAM|", "unknown_kind"),
    ("products.csv", "Communications Hub", "Communications Tub", "unknown_device_type"),
    ("products.csv", ",Current,", ",Perhaps,", "bad_status"),
    ("products.csv", "54310200,", "5431020G,", "not_hexadecimal"),
    ("inventory.csv", "ESME", "ESMX", "invalid_value"),
    ("inventory.ndjson", "Commissioned", "Half done", "invalid_value"),
    ("inventory.ndjson", f'"{METER}"', "7.5", "invalid_value"),
    ("inventory.csv", MPAN, "1312345678900", "invalid_identifier"),
    ("prenotification.csv", "E4700100", "FFFFFFFF", "not_on_products_list"),
    ("prenotification.csv", "ESME", "Toaster", "invalid_value"),
    ("device-status.csv", "Withdrawn", "Resting", "invalid_value"),
    ("device-status.csv", METER, "00-DB-12-34-56-78-90-FF", "not_in_inventory"),
    ("trail.ndjson", '"4.8.1"', '"99.9"', "unknown_variant"),
    ("trail.ndjson", '"On Demand"', '"Some Day"', "bad_value"),
    ("trail.ndjson", '"service_reference":"4.8"', '"service_reference":"6.2"',
     "reference_mismatch"),
    ("trail.ndjson", ":2\",", ":18446744073709551616\",", "invalid_identifier"),
    ("trail.ndjson", '"status":"In Progress","csp', '"status":"\\ud800","csp', "not_json"),
    ("coverage.csv", ",North,", ",West,", "bad_csp_region"),
    ("places.csv", "385350", "nowhere", "bad_position"),
    ("hubs.csv", ",Connected,", ",Perhaps,", "bad_wan_connectivity"),
)  # fmt: skip


def taken_with(name: str, folder: Path, old: str, new: str) -> Answer:
    """The answer to a file whose second row says something else; nothing of it stays."""
    form = FORMS[name]
    first, second, *others = form.rows
    assert old.encode() in second, second
    with transaction.atomic():
        spoilt = second.replace(old.encode(), new.encode(), 1)
        answer = taken(form, folder, form.text(first, spoilt, *others))
        reasons = list(IntakeRefusal.objects.values_list("reason", flat=True))
        assert all(len(reason) > 20 for reason in reasons), reasons
        transaction.set_rollback(True)
    return answer


def only_second_refused(name: str, code: str) -> Answer:
    form = FORMS[name]
    return Answer(len(form.rows) - 1, refused=((form.first_line + 1, code),))


@pytest.mark.req("SSI-NFR-22", "REG-1")
@pytest.mark.parametrize("name", DATES)
def test_a_time_that_cannot_be_refuses_its_row(name: str, tmp_path: Path) -> None:
    FORMS[name].prepare(tmp_path)
    for old, code, wrong in DATES[name]:
        for new in wrong:
            assert taken_with(name, tmp_path, old, new) == only_second_refused(name, code), new


@pytest.mark.req("SSI-NFR-22", "REG-1")
@pytest.mark.parametrize("name", list(dict.fromkeys(name for name, *_rest in CODES)))
def test_an_unknown_code_refuses_its_row(name: str, tmp_path: Path) -> None:
    FORMS[name].prepare(tmp_path)
    for _name, old, new, code in (one for one in CODES if one[0] == name):
        assert taken_with(name, tmp_path, old, new) == only_second_refused(name, code), new


@pytest.mark.req("AUD-1")
def test_answers_from_a_clock_ahead_are_refused(tmp_path: Path) -> None:
    for name in ("responded_at", "status_history"):
        far = '"2199-01-01T00:00:00Z"'
        old, new = {
            "responded_at": ('"responded_at":null', f'"responded_at":{far}'),
            "status_history": ('"at":"2026-03-01T09:30:00Z"', f'"at":{far}'),
        }[name]
        answer = taken_with("trail.ndjson", tmp_path, old, new)
        assert answer == only_second_refused("trail.ndjson", "bad_time")


@pytest.mark.req("INV-1", "SSI-NFR-22")
def test_a_circle_of_associations_is_no_contradiction(tmp_path: Path) -> None:
    circle = {HUB: METER, METER: PROXY, PROXY: HUB}
    rows = [{**row, "associated_with": circle[row["device_id"]]} for row in inventory.home()
            if row["device_id"] in circle]  # fmt: skip
    run = inventory.take_in(tmp_path, rows)
    assert inventory.counts(run) == (3, 0, 0)
    # Associations have no direction, so each of the three finds all three.
    assert [{found.device_id for found in closure(one)} for one in circle] == [set(circle)] * 3
    itself = inventory.take_in(tmp_path, [device_row(GAS_METER, "GSME", associated_with=GAS_METER)])
    assert IntakeRefusal.objects.get(run=itself).code == "associated_with_itself"


SECOND_METER = "00-DB-12-34-56-78-90-C1"
TAKEN_POINT = (device_row(SECOND_METER, "ESME", import_mpxn=MPAN), "meter_point_taken")
TWO_HUBS = (
    device_row(SECOND_METER, "ESME", associated_with=f"{HUB} {inventory.ELSEWHERE}"),
    "in_two_homes",
)
TWO_PLACES = (
    device_row(METER, "ESME", import_mpxn="1012345678903", uprn="7"),
    "in_two_homes",
)
HOME = [*inventory.home()[:-1], device_row(inventory.ELSEWHERE, "CHF")]


@pytest.mark.req("INV-1", "SSI-NFR-22")
@pytest.mark.parametrize(("row", "code"), [TAKEN_POINT, TWO_HUBS, TWO_PLACES])
def test_what_contradicts_its_own_file_is_refused_by_itself(
    tmp_path: Path, row: dict[str, str], code: str
) -> None:
    run = inventory.take_in(tmp_path, [*HOME, row])
    assert inventory.counts(run) == (len(HOME), 0, 1)
    assert IntakeRefusal.objects.get(run=run).code == code


@pytest.mark.req("INV-1", "SSI-NFR-22")
@pytest.mark.parametrize(("row", "code"), [TAKEN_POINT, TWO_HUBS])
def test_what_contradicts_an_earlier_file_is_refused_by_itself(
    tmp_path: Path, row: dict[str, str], code: str
) -> None:
    inventory.take_in(tmp_path, HOME)
    run = inventory.take_in(tmp_path, [row, HOME[0]])
    assert inventory.counts(run) == (0, 1, 1)
    assert IntakeRefusal.objects.get(run=run).code == code


@pytest.mark.req("INV-1")
def test_a_product_said_twice_otherwise_is_refused(tmp_path: Path) -> None:
    form = FORMS["products.csv"]
    first, second, *others = form.rows
    otherwise = second.replace(b"Current", b"Removed")
    answer = taken(form, tmp_path, form.text(first, second, otherwise, *others))
    assert answer == Answer(3, refused=((4, "entry_contradicts"),))
    assert stored(form) == (3,)


@pytest.mark.req("SSI-FR-61", "SSI-NFR-22")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Username,Email\n".encode("utf-16"), "not UTF-8"),
        (b"Username,Email\nan\xe9,a@alder.example\n", "not UTF-8"),
        (b"", "empty"),
        (b"PK\x03\x04", "column"),
        (b"Username;Email\n", "column"),
        (b"Username,Username,First_name,Last_name,Email,Roles\n", "twice"),
        (b"x" * (IMPORT_BYTES_MOST + 1), "Split it"),
    ],
)
def test_a_file_of_accounts_that_is_none_is_refused_whole(content: bytes, said: str) -> None:
    petra = make_person("petra", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    with pytest.raises(Refused) as refused:
        check_import(actor_for(petra), "accounts.csv", content, at=petra.created_at)
    assert said in f"{refused.value.message} {refused.value.fields}"
