"""The 129 Service Reference Variants of DUIS 5.4, in the order of its enumeration."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ServiceReferenceVariant:
    """A variant of a service; `critical` ones are signed by the User before they are sent."""

    srv: str
    name: str
    critical: bool

    @property
    def reference(self) -> str:
        """The Service Reference it belongs to: `4.8` of `4.8.1`, itself when it has two parts."""
        return ".".join(self.srv.split(".")[:2])

    @property
    def label(self) -> str:
        """Number and name, as shown."""
        return f"{self.srv} {self.name}"


# Number, C for critical, name.
_TABLE: Final = """
1.1.1|C|Update Import Tariff (Primary Element)
1.1.2|C|Update Import Tariff (Secondary Element)
1.2.1|C|Update Price (Primary Element)
1.2.2|C|Update Price (Secondary Element)
1.5|C|Update Meter Balance
1.6|C|Update Payment Mode
1.7|C|Reset Tariff Block Counter Matrix
2.1|C|Update Prepay Configuration
2.2|-|Top Up Device
2.3|C|Update Debt
2.5|C|Activate Emergency Credit
3.1|-|Display Message
3.2|-|Restrict Access For Change Of Tenancy
3.3|-|Clear Event Log
3.4|-|Update Supplier Name
3.5|-|Disable Privacy PIN
4.1.1|-|Read Instantaneous Import Registers
4.1.2|-|Read Instantaneous Import TOU Matrices
4.1.3|-|Read Instantaneous Import TOU With Blocks Matrices
4.1.4|-|Read Instantaneous Import Block Counters
4.2|-|Read Instantaneous Export Registers
4.3|-|Read Instantaneous Prepay Values
4.4.2|-|Retrieve Change Of Mode / Tariff Triggered Billing Data Log
4.4.3|-|Retrieve Billing Calendar Triggered Billing Data Log
4.4.4|-|Retrieve Billing Data Log (Payment Based Debt Payments)
4.4.5|-|Retrieve Billing Data Log (Prepayment Credits)
4.6.1|-|Retrieve Import Daily Read Log
4.6.2|-|Retrieve Export Daily Read Log
4.8.1|-|Read Active Import Profile Data
4.8.2|-|Read Reactive Import Profile Data
4.8.3|-|Read Export Profile Data
4.10|-|Read Network Data
4.11.1|-|Read Tariff (Primary Element)
4.11.2|-|Read Tariff (Secondary Element)
4.12.1|-|Read Maximum Demand Import Registers
4.12.2|-|Read Maximum Demand Export Registers
4.13|-|Read Prepayment Configuration
4.14|-|Read Prepayment Daily Read Log
4.15|-|Read Load Limit Data
4.16|-|Read Active Power Import
4.17|-|Retrieve Daily Consumption Log
4.18|-|Read Meter Balance
5.1|-|Create Schedule
5.2|-|Read Schedule
5.3|-|Delete Schedule
6.2.1|-|Read Device Configuration (Voltage)
6.2.2|-|Read Device Configuration (Randomisation)
6.2.3|-|Read Device Configuration (Billing Calendar)
6.2.4|-|Read Device Configuration (Identity Exc MPxN)
6.2.5|-|Read Device Configuration (Instantaneous Power Thresholds)
6.2.7|-|Read Device Configuration (MPxN)
6.2.8|-|Read Device Configuration (Gas)
6.2.9|-|Read Device Configuration (Payment Mode)
6.2.10|-|Read Device Configuration (Event and Alert Behaviours)
6.4.1|C|Update Device Configuration (Load Limiting General Settings)
6.4.2|-|Update Device Configuration (Load Limiting Counter Reset)
6.5|-|Update Device Configuration (Voltage)
6.6|C|Update Device Configuration (Gas Conversion)
6.7|C|Update Device Configuration (Gas Flow)
6.8|C|Update Device Configuration (Billing Calendar)
6.11|C|Synchronise Clock
6.12|-|Update Device Configuration (Instantaneous Power Threshold)
6.13|-|Read Event Or Security Log
6.14.1|C|Update Device Configuration (Auxiliary Load Control Description)
6.14.2|C|Update Device Configuration (Auxiliary Load Control Scheduler)
6.14.3|C|Update Device Configuration (Auxiliary Controller Scheduler)
6.15.1|C|Update Security Credentials (KRP)
6.15.2|C|Update Security Credentials (Device)
6.17|C|Issue Security Credentials
6.18.1|-|Set Maximum Demand Configurable Time Period
6.18.2|-|Reset Maximum Demand Registers
6.20.1|-|Set Device Configuration (Import MPxN)
6.20.2|-|Set Device Configuration (Export MPAN)
6.21|-|Request Handover Of DCC Controlled Device
6.22|-|Configure Alert Behaviour
6.23|-|Update Security Credentials (CoS)
6.24.1|-|Retrieve Device Security Credentials (KRP)
6.24.2|C|Retrieve Device Security Credentials (Device)
6.25|C|Set Electricity Supply Tamper State
6.26|C|Update Device Configuration (daily resetting of Tariff Block Counter Matrix)
6.27|-|Update Device Configuration (RMS Voltage Counter Reset)
6.28|-|Set CHF Sub GHz Configuration
6.29|-|Request CHF Sub GHz Channel Scan
6.30|-|Read CHF Sub GHz Configuration
6.31|-|Read CHF Sub GHz Channel
6.32|-|Read CHF Sub GHz Channel Log
7.1|C|Enable Supply
7.2|C|Disable Supply
7.3|C|Arm Supply
7.4|-|Read Supply Status
7.5|C|Activate Auxiliary Load
7.6|C|Deactivate Auxiliary Load
7.7|-|Read Auxiliary Load Switch Data
7.8|C|Reset Auxiliary Load
7.9|-|Add Auxiliary Load To Boost Button
7.10|-|Remove Auxiliary Load From Boost Button
7.11|-|Read Boost Button Details
7.12|C|Set Randomised Offset Limit
7.13|C|Set Auxiliary Controller State
7.14|-|Read Auxiliary Controller Configuration Data
7.15|-|Read Auxiliary Controller Operational Data
7.16|C|Limit APC Level
8.1.1|C|Commission Device
8.2|-|Read Inventory
8.3|-|Decommission Device
8.4|-|Update Inventory
8.5|-|Service Opt Out
8.6|-|Service Opt In
8.7.1|C|Join Service (Critical)
8.7.2|-|Join Service (Non-Critical)
8.8.1|C|Unjoin Service (Critical)
8.8.2|-|Unjoin Service (Non-Critical)
8.9|-|Read Device Log
8.11|-|Update HAN Device Log
8.12.1|-|Restore HAN Device Log
8.12.2|-|Restore Gas Proxy Function Device Log
8.13|-|Return Local Command Response
8.14.1|-|Communications Hub Status Update - Install Success
8.14.2|-|Communications Hub Status Update - Install No SM WAN
8.14.3|-|Communications Hub Status Update - Fault Return
8.14.4|-|Communications Hub Status Update - No Fault Return
9.1|-|Request Customer Identification Number
11.1|-|Update Firmware
11.2|-|Read Firmware Version
11.3|C|Activate Firmware
11.4|-|Update PPMID Firmware
12.1|-|Request WAN Matrix
12.2|-|Device Pre-notification
14.1|-|Record Network Data (Gas)
"""


def _read(line: str) -> ServiceReferenceVariant:
    srv, critical, name = line.split("|")
    return ServiceReferenceVariant(srv, name, critical == "C")


VARIANTS: Final = {entry.srv: entry for entry in map(_read, _TABLE.split("\n")[1:-1])}

# Numbers on disk; a new variant is added at the end of the table, never between.
_CODES: Final = {srv: number for number, srv in enumerate(VARIANTS, start=1)}
_OF_CODE: Final = {number: srv for srv, number in _CODES.items()}

METER_READ_VARIANTS: Final = ("4.8.1", "4.8.2", "4.8.3", "4.17")


def variant_code(srv: str) -> int:
    """The number a variant is stored as. Raises KeyError for one that is not in the list."""
    return _CODES[srv]


def variant_of_code(code: int) -> ServiceReferenceVariant:
    """The variant stored as this number."""
    return VARIANTS[_OF_CODE[code]]
