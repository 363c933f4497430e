"""The signature under the last-resort checklist: whoever has the public key can verify it offline, later, elsewhere."""

import base64
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.action_plans.domain.case import Case
from services.action_plans.domain.eligibility import Condition, is_eligible

ISSUER = "amicable/action_plans"


@dataclass(frozen=True)
class Signer:
    """The service's own key, and the id by which its public half is found."""

    key: Ed25519PrivateKey
    key_id: str

    @classmethod
    def from_seed(cls, seed: str, key_id: str) -> "Signer":
        """Read a seed of 32 bytes in base64; ValueError for anything else."""
        return cls(Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed, validate=True)), key_id)

    def sign(self, case: Case, conditions: Sequence[Condition], at: datetime) -> str:
        """Return the checklist as a JWT (EdDSA): case, revision, moment, every condition with its evidence."""
        claims = {
            "iss": ISSUER,
            "sub": case.case_id,
            "customer_id": case.customer_id,
            "revision": case.revision,
            "at": at.isoformat(),
            "eligible": is_eligible(conditions),
            "conditions": [{**asdict(one), "evidence": list(one.evidence)} for one in conditions],
        }
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": self.key_id})
