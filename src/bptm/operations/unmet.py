"""The reasons for which a meter or the head-end says no, as sentences: one for each `UNMET_...` bit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bptm.operations.fleet import SILENT_AFTER_S, MeterState, status_of
from bptm.terms import core_codes as c
from bptm.terms.codes import CAUSE_WORDS, Cause, Mode, Status
from bptm.terms.messages import UnmetValue
from bptm.terms.refusals import Refused, Unmet

MODE_WORDS: dict[Mode, str] = {
    Mode.OFF: "off",
    Mode.ON_UTILITY: "on utility",
    Mode.DARK: "dark",
    Mode.TO_BACKUP: "transferring to backup",
    Mode.ON_BACKUP: "on backup",
    Mode.TO_UTILITY: "returning to utility",
    Mode.BACKUP_BLOCKED: "backup blocked",
    Mode.LOCKED_OUT: "locked out",
    Mode.TEST: "testing its utility contactor",
    Mode.DISCONNECTED: "disconnected",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """The words of one reason. `{found}` and `{needs}` are the numbers that came with it."""

    element: str
    found: str
    needs: str
    remedy: str


_SENTENCES: dict[int, _Sentence] = {
    c.UNMET_NOT_AWAITING_RETURN: _Sentence(
        element="utility contactor and mode",
        found="mode {mode}",
        needs="a home off the utility with its utility contactor proved open: mode on backup, or dark after it",
        remedy="There is no return to hold here: nothing needs to be done.",
    ),
    c.UNMET_MEDICAL_DARK: _Sentence(
        element="supply of a medical home",
        found="{found:.1f} V on the premise bus",
        needs="> {needs:.0f} V, from a backup source",
        remedy="A dark medical home is never held: let it return, and see to the household first.",
    ),
    c.UNMET_LOCKED_OUT: _Sentence(
        element="lockout (86)",
        found="{cause}",
        needs="no lockout",
        remedy="Send a crew: a lockout is reset at the meter, never from here.",
    ),
    c.UNMET_NOT_HELD: _Sentence(
        element="hold on return",
        found="{found:.0f} s of hold left",
        needs="> 0 s: a hold that stands",
        remedy="Nothing needs to be done: the home returns by itself once the utility is steady.",
    ),
    c.UNMET_EXPIRED: _Sentence(
        element="time of arrival on the meter's clock",
        found="{found:.0f} s",
        needs="<= {needs:.0f} s, the expiry",
        remedy="Issue the command again.",
    ),
    c.UNMET_REPLAYED: _Sentence(
        element="sequence of the command",
        found="{found:.0f}",
        needs=">= {needs:.0f}",
        remedy="The meter has handled a later command: issue this one anew if it is still wanted.",
    ),
    c.UNMET_WRONG_METER: _Sentence(
        element="addressee of the command",
        found="another meter",
        needs="this meter",
        remedy="It went to a wrong address: report this as a fault of the head-end.",
    ),
    c.UNMET_BAD_SIGNATURE: _Sentence(
        element="signature of the command",
        found="not the utility's",
        needs="the utility's",
        remedy="Somebody forges commands, or the meter holds an old key: check its certificate.",
    ),
    c.UNMET_DURATION: _Sentence(
        element="length of the hold",
        found="{found:.0f} s",
        needs="60 s to 86400 s; the limit broken is {needs:.0f} s",
        remedy="Ask for a hold within the limits, and renew it while it is still wanted.",
    ),
    c.UNMET_NOT_YET_VALID: _Sentence(
        element="time of arrival on the meter's clock",
        found="{found:.0f} s",
        needs=">= {needs:.0f} s, the issue",
        remedy="The clocks of meter and head-end differ: set them, then issue it again.",
    ),
    c.UNMET_MEDICAL: _Sentence(
        element="medical home",
        found="on the medical baseline list",
        needs="a home that is not",
        remedy="The service of a medical home is not disconnected from afar: send a person.",
    ),
    c.UNMET_NOT_CONFIGURED: _Sentence(
        element="remote disconnection",
        found="off in this meter's settings",
        needs="on, set at the meter",
        remedy="Use the lever at the meter, or have the setting changed there.",
    ),
    c.UNMET_ALREADY_DISCONNECTED: _Sentence(
        element="disconnection of the service",
        found="one stands already",
        needs="none",
        remedy="Nothing needs to be done: the service is disconnected.",
    ),
    c.UNMET_NOT_DISCONNECTED: _Sentence(
        element="disconnection of the service",
        found="none from afar",
        needs="one that stands",
        remedy="Nothing needs to be done; a lever at the meter is turned back at the meter.",
    ),
}

_OF_ANOTHER_VERSION = _Sentence(
    element="a condition that this head-end does not know",
    found="code {code}, value {found:g}",
    needs="{needs:g}",
    remedy="Update the head-end: the meter speaks a newer version.",
)


def refused_for(unmet: Iterable[UnmetValue]) -> Refused:
    """A meter's refusal in words.

    Raises:
        ValueError: No reason at all.
    """
    sentences = tuple(sentence for value in unmet for sentence in unmet_of(value.code, value.found, value.needs))
    if not sentences:
        msg = "a refusal needs a reason"
        raise ValueError(msg)
    return Refused(unmet=sentences)


def unmet_of(bits: int, found: float, needs: float) -> tuple[Unmet, ...]:
    """One sentence for each bit of `bits`, lowest first; `found` and `needs` are the values that came with them."""
    return tuple(
        _said(_SENTENCES.get(1 << place, _OF_ANOTHER_VERSION), 1 << place, found, needs)
        for place in range(bits.bit_length())
        if bits >> place & 1
    )


_LONG_S = 120


def ago(span_s: int) -> str:
    """A span of time as people say it: minutes below two hours, then hours."""
    if span_s < _LONG_S:
        return f"{span_s} s"
    if span_s < 60 * _LONG_S:
        return f"{span_s // 60} min"
    return f"{span_s // 3600} h {span_s % 3600 // 60} min"


def cannot_hear(state: MeterState, now_s: int) -> Refused | None:
    """Why a command would not reach the meter at all; None when it may be sent.

    Refused before it is sent, since it would otherwise end as *unknown*, which is unsafe, for a reason known now.
    """
    if state.gasped:
        return Refused(
            unmet=(
                Unmet(
                    element="power of the meter",
                    found=f"none since its last gasp {ago(now_s - (state.heard_s or now_s))} ago",
                    needs="supply from the utility or the inlet",
                    remedy="It cannot hear; it reports by itself when power is back.",
                ),
            )
        )
    if status_of(state, now_s) is not Status.SILENT:
        return None
    heard = "never" if state.heard_s is None else f"{ago(now_s - state.heard_s)} ago"
    return Refused(
        unmet=(
            Unmet(
                element="last message of the meter",
                found=heard,
                needs=f"<= {SILENT_AFTER_S} s ago",
                remedy="Wait until it is heard, or send a crew when it stays silent.",
            ),
        )
    )


def _named(words: Mapping[Mode, str] | Mapping[Cause, str], value: float) -> str:
    """The words of a code that came as a number; the number when this version does not know it."""
    return next((text for code, text in words.items() if code == value), f"{value:g}")


def _said(sentence: _Sentence, code: int, found: float, needs: float) -> Unmet:
    def words(template: str) -> str:
        return template.format(
            code=code, found=found, needs=needs, mode=_named(MODE_WORDS, found), cause=_named(CAUSE_WORDS, found)
        )

    return Unmet(
        element=sentence.element,
        found=words(sentence.found),
        needs=words(sentence.needs),
        remedy=sentence.remedy,
    )
