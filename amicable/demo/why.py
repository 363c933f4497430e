"""Why a customer is at risk, as its CSM would say it aloud: in sentences, a few at a time, and none of them twice."""

from shared.contracts.health import RiskDetected, RiskUpdated

_CHIEF = 3


class Why:
    """Remembers which reasons were told, so that of a known risk only what is new is told."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self._told: dict[str, set[str]] = {}

    def of(self, risk: RiskDetected | RiskUpdated) -> list[str]:
        """Return the chief reasons of a new risk, of a known one the new reasons (or the first, where none is new)."""
        told = self._told.setdefault(risk.customer_id, set())
        if isinstance(risk, RiskDetected):
            told.clear()
        new = [reason for reason in risk.reasons if reason.code not in told] or risk.reasons[:1]
        told.update(reason.code for reason in risk.reasons)
        sentences = list(dict.fromkeys(reason.text for reason in new))  # a rule and a measure may say the same
        more = len(sentences) - _CHIEF
        if more < 2:  # to say that there is one more takes as much room as to say it
            return sentences
        return [*sentences[:_CHIEF], f"and {more} more reasons"]
