"""A security key in software: what a browser and a key answer, right or wrong on purpose."""

import hashlib
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

ORIGIN = "http://localhost:8000"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


class SoftKey:
    """One credential; `counter` rises with each answer unless it is set not to."""

    def __init__(self, credential_id: bytes = b"soft-key-0000001", *, verifies: bool = True):
        self.credential_id = credential_id
        self.verifies = verifies
        self.counter = 0
        self.step = 1
        self.handle = b""
        self.private = ec.generate_private_key(ec.SECP256R1())

    def create(self, options: str, origin: str = ORIGIN) -> str:
        """Answer a question for a new key."""
        asked = json.loads(options)["publicKey"]
        self.handle = websafe_decode(asked["user"]["id"])
        client_data = _client_data("webauthn.create", asked["challenge"], origin)
        attested = AttestedCredentialData.create(
            Aaguid.NONE, self.credential_id, ES256.from_cryptography_key(self.private.public_key())
        )
        made = AttestationObject.create(
            "none", self._data(asked["rp"]["id"], ATTESTED, attested), {}
        )
        return self._answer(
            {"clientDataJSON": _text(client_data), "attestationObject": _text(bytes(made))}
        )

    def get(self, options: str, origin: str = ORIGIN, rp_id: str = "", **changes: Any) -> str:
        """Answer a question for this key."""
        asked = json.loads(options)["publicKey"]
        client_data = _client_data("webauthn.get", asked["challenge"], origin)
        data = bytes(self._data(rp_id or asked["rpId"]))
        signed = data + hashlib.sha256(client_data).digest()
        given = {
            "clientDataJSON": _text(client_data),
            "authenticatorData": _text(data),
            "signature": _text(self.private.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": _text(self.handle),
        }
        return self._answer({**given, **changes})

    def _data(self, rp_id: str, more: int = 0, attested: Any = b"") -> AuthenticatorData:
        self.counter += self.step
        flags = PRESENT | more | (VERIFIED if self.verifies else 0)
        digest = hashlib.sha256(rp_id.encode()).digest()
        return AuthenticatorData.create(digest, flags, self.counter, attested)

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps(
            {
                "id": _text(self.credential_id),
                "rawId": _text(self.credential_id),
                "type": "public-key",
                "clientExtensionResults": {},
                "response": response,
            }
        )


def _client_data(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin}).encode()


def _text(data: bytes) -> str:
    return websafe_encode(data)
