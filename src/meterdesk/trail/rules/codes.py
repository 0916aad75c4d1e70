"""Codes the network uses: response codes, Device alerts, DCC alerts, Command Variants.

A code whose meaning is not published is shown as the code alone; no meaning is made up.
"""

import re
from functools import lru_cache
from typing import Final

RESPONSE_CODES: Final = {
    "I0": "Success",
    "I99": "Acknowledgement",
    "E1": "Invalid User or role",
    "E2": "Role not allowed for this Service Request",
    "E3": "User status invalid",
    "E4": "Role not authorised for this Device",
    "E5": "Device status invalid",
    "E11": "Service Request not valid for the Device type",
    "E12": "Command Variant combination invalid",
    "E13": "Wrong service URL",
    "E17": "Not available as a local command",
    "E19": "Device does not exist",
    "E20": "Cannot communicate with Device",
    "E21": "No response from Device",
    "E30": "Time-out on a future-dated request",
}

COMMAND_VARIANTS: Final = {
    1: "Non-critical, sent over the SM WAN",
    2: "Non-critical, returned for local delivery",
    3: "Non-critical, sent over the SM WAN and returned for local delivery",
    4: "Critical, transformed to a Pre-Command for signing",
    5: "Critical, signed Pre-Command sent over the SM WAN",
    6: "Critical, signed Pre-Command returned for local delivery",
    7: "Critical, signed Pre-Command sent over the SM WAN and returned for local delivery",
    8: "No Device involved",
    9: "Internal use",
}

# A voltage alert exists for a single phase and for phases 1 to 3, in this order.
_PHASES: Final = ("", " on phase 1", " on phase 2", " on phase 3")
_VOLTAGE: Final = {
    "Average RMS voltage above over-voltage threshold": (
        "8002 8003 8004 8005",
        "8085 8086 8087 8088",
    ),
    "Average RMS voltage below under-voltage threshold": (
        "8006 8007 8008 8009",
        "8089 808A 808B 808C",
    ),
    "RMS voltage: extreme over-voltage": ("8020 8021 8022 8023", "808D 808E 808F 8090"),
    "RMS voltage swell": ("8024 8025 8026 8027", "8091 8092 8093 8094"),
    "RMS voltage: extreme under-voltage": ("8028 8029 802A 802B", "8095 8096 8097 8098"),
    "RMS voltage sag": ("802C 802D 802E 802F", "8099 809A 809B 809C"),
}

_NAMED: Final = """
8010 Over Current
8011 Over Current L1
8013 Over Current L3
8014 Power Factor Threshold Below
8015 Power Factor Threshold Ok
8016 Over Current L2
8071 GPF Device Log Changed
810D Combined Credit Below Low Credit Threshold (prepayment mode)
810E Credit Added Locally
8119 Emergency Credit Has Become Available (prepayment mode)
8145 Clock adjusted (within tolerance)
8154 Immediate HAN Interface Command actioned OK
8155 Immediate HAN Interface Command not actioned OK
8161 User-interface command actioned OK
8162 User-interface command not actioned OK
8168 Supply Disabled then Armed - Activate Emergency Credit triggered
8183 Device joined SMHAN
8184 Valve tested
819D GSME Command Not Retrieved
819E Tap Off Message Response or Alert Failure
81A0 Smart Meter Integrity Issue - Warning
81A1 Battery Cover Closed
81A2 CH Connected to ESME
81A3 CH Disconnected from ESME
81A4 Close Tunnel Command Rejected
81A5 Communication From Local Port (e.g. Optical)
81A6 Customer Acknowledged Message on HAN Device
81A7 Debt Collection Completed - Time Debt 1
81A8 Debt Collection Completed - Time Debt 2
81A9 Debt Collection Completed - Payment Debt
81AA Emergency Credit Exhausted
81AB Emergency Credit Activated
81AC Error Measurement Fault
81AD Error Metrology Firmware Verification Failure
81AE Error Non Volatile Memory
81AF Error Program Execution
81B0 Error Program Storage
81B1 Error RAM
81B2 Error Unexpected Hardware Reset
81B3 Error Watchdog
81B4 Excess Gas Flow Beyond Meter Capacity
81B5 Flow Sensor Detects Air in Gas Flow
81B6 Flow Sensor Detects Reverse Flow of Gas
81B7 Incorrect phase sequencing
81B8 Incorrect Polarity
81B9 Meter Cover Closed
81BA Request Tunnel Command Rejected
81BB Reverse Current
81BC Strong Magnetic Field Removed
81BD Supply Connect Failure (Valve or Load Switch)
81BE Supply Disabled Then Locked - Supply Tamper State Cause
81BF Supply Disabled Then Armed - Uncontrolled Gas Flow Rate
81C0 Supply Disconnect Failure (Valve or Load Switch)
81C1 Terminal Cover Closed
81C2 Tilt Tamper Ended
81C3 Tilt Tamper
81C4 UTRN Manual Entry Suspended
81C5 UTRN rejected as locked out
81C6 Clock not adjusted (outside tolerance)
8F01 Active Power Import above Load Limit Threshold
8F0A Billing Data Log Updated
8F0C Clock not adjusted (adjustment greater than 10 seconds)
8F0F Credit Below Disablement Threshold (prepayment mode)
8F12 CHF Device Log Changed
8F1B Firmware Verification Failed At Power On
8F1C Firmware Verification Failed
8F1D GSME Power Supply Loss
8F1E Integrity check of content or format of command failed
8F1F Low Battery Capacity
8F20 Limited Duty Cycle Action Taken
8F21 Duty Cycle fallen below Normal-Limited Duty Cycle Threshold
8F22 Critical Duty Cycle Action Taken
8F23 Duty Cycle fallen below Limited-Critical Duty Cycle Threshold
8F24 Regulated Duty Cycle Action Taken
8F25 Duty Cycle fallen below Critical-Regulated Duty Cycle Threshold
8F26 Sub GHz Channel Changed
8F27 Sub GHz Channel Scan initiated
8F28 Sub GHz Channel Scan Request Assessment Outcome
8F29 Three Lost GSME Searches Failed
8F2A Sub GHz Configuration Changed
8F2B Sub GHz Channel not changed due to Frequency Agility Parameters
8F2C Message Discarded Due to Duty Cycle Management
8F2D No More Sub GHz Device Capacity
8F30 Source Does not have Authority for Command
8F32 Supply Armed
8F33 Supply Disabled then Armed - Load Limit triggered
8F34 Supply Enabled after Load Limit Restoration Period (Load Limit triggered)
8F35 Supply Outage Restored
8F36 Supply Outage Restored - Outage >= 3 minutes
8F37 Supply Outage Restored on Phase 1
8F38 Supply Outage Restored on Phase 1 Restored - Outage >= 3 minutes
8F39 Supply Outage Restored on Phase 2 Restored
8F3A Supply Outage Restored on Phase 2 Restored - Outage >= 3 minutes
8F3B Supply Outage Restored on Phase 3 Restored
8F3C Supply Outage Restored on Phase 3 Restored - Outage >= 3 minutes
8F3D Trusted Source Authentication Failure
8F3E Unauthorised Communication Access attempted
8F3F Unauthorised Physical Access - Tamper Detect
8F43 Change in the executing Firmware version
8F47 Credit would cause Meter Balance to exceed Maximum Meter Balance Threshold
8F48 Device joining failed
8F49 Device joining succeeded
8F4A Device Unjoining failed
8F4B Device Unjoining succeeded
8F4C Device's own Digital Signing Certificate replacement failed
8F4D Device's own Digital Signing Certificate replacement succeeded
8F4E Device's own Key Agreement Certificate replacement failed
8F4F Device's own Key Agreement Certificate replacement succeeded
8F51 Duplicate UTRN entered
8F52 Event Log Cleared
8F53 Failed Authentication or Authorisation not covered by other codes
8F57 Supply interrupted
8F58 Supply interrupted on Phase 1
8F59 Supply interrupted on Phase 2
8F5A Supply interrupted on Phase 3
8F5B UTRN exceeds Maximum Credit Threshold
8F60 Unusual numbers of malformed, out-of-order or unexpected Commands received
8F63 UTRN not Authentic
8F64 UTRN not for this Device
8F66 Future-dated HAN Interface Command actioned OK
8F67 Future-dated HAN Interface Command NOT actioned OK
8F69 Device commissioned
8F70 Update Security Credentials
8F72 Firmware Verification Successful
8F73 Unauthorised Physical Access - Battery Cover Removed
8F74 Unauthorised Physical Access - Meter Cover Removed
8F75 Unauthorised Physical Access - Strong Magnetic field
8F76 Unauthorised Physical Access - Terminal Cover Removed
8F77 Unauthorised Physical Access - Second Terminal Cover Removed
8F78 Unauthorised Physical Access - Other
8F82 Remaining Battery Capacity reset
8F83 Disablement of Supply due to insufficient credit has been suspended
8F84 Failure to Deliver Remote Party Message to ESME
8F89 Firmware transfer alert FAIL
8F8A Firmware transfer alert SUCCESS
8F8B Read Firmware version alert
"""


def _device_alerts() -> dict[str, str]:
    named = dict(line.split(" ", 1) for line in _NAMED.split("\n")[1:-1])
    for name, (starts, ends) in _VOLTAGE.items():
        for phase, start, end in zip(_PHASES, starts.split(), ends.split(), strict=True):
            named[start], named[end] = f"{name}{phase}", f"{name}{phase}: ended"
    return named


DEVICE_ALERTS: Final = _device_alerts()

DCC_ALERTS: Final = frozenset(
    {"AD1", "N999"} | {f"N{number}" for number in range(1, 66) if number != 32}
)

_RESPONSE_CODE: Final = re.compile(r"[IEW][0-9]{1,6}")


@lru_cache(maxsize=1_024)
def is_response_code(code: str) -> bool:
    """Whether the text has the shape of a response code: I, E or W and up to six digits."""
    return _RESPONSE_CODE.fullmatch(code) is not None


def response_meaning(code: str) -> str:
    """What a response code means, or nothing where its meaning is not published."""
    return RESPONSE_CODES.get(code, "")


def alert_name(code: str) -> str:
    """The name of a Device alert, or nothing: DCC alerts have codes only."""
    return DEVICE_ALERTS.get(code, "")
