"""Messages for tests: strategies over the whole schema, and keys made once."""

from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import strategies as st

from bptm.terms.codes import Action, Cause, Contact, Event, FedBy, Mode
from bptm.terms.core_report import FIELDS
from bptm.terms.messages import Command, Receipt, Report, UnmetValue, Upward

UTILITY = ec.generate_private_key(ec.SECP256R1())
METER = ec.generate_private_key(ec.SECP256R1())
STRANGER = ec.generate_private_key(ec.SECP256R1())

METER_ID = "BPTM-000042"
NOW_S = 1_572_134_400

_CODES = {
    "cause": st.sampled_from(Cause),
    "mode": st.sampled_from(Mode),
    "mode_before": st.sampled_from(Mode),
    "fed_by": st.sampled_from(FedBy),
    "u_feedback": st.sampled_from(Contact),
    "b_feedback": st.sampled_from(Contact),
}

meter_ids = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
seqs = st.integers(1, (1 << 53) - 1)
instants_s = st.integers(0, 1 << 40)
hashes = st.binary(min_size=32, max_size=32)


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Any report that the schema allows."""
    code = draw(st.sampled_from([0, *map(int, Event)]))
    values: list[int | float] = []
    for name, type_, _unit, _meaning in FIELDS:
        if name == "kind":
            values.append(int(code != 0))
        elif name == "code":
            values.append(code)
        elif name in _CODES:
            values.append(int(draw(_CODES[name])))
        elif type_ == "f8":
            values.append(draw(st.floats(-1e9, 1e9)))
        else:
            values.append(draw(st.integers(0, (1 << 31) - 1 if type_ == "i4" else (1 << 63) - 1)))
    return tuple(values)


upwards = st.builds(
    Upward,
    meter_id=meter_ids,
    seq=seqs,
    at_s=instants_s,
    boots=st.integers(0, 1000),
    command_seq=st.integers(0, (1 << 53) - 1),
    reports=st.lists(reports(), max_size=3).map(tuple),
    receipts=st.lists(st.binary(min_size=1, max_size=200), max_size=2).map(tuple),
)

commands = st.builds(
    Command,
    meter_id=meter_ids,
    seq=seqs,
    action=st.sampled_from(Action),
    issued_s=instants_s,
    expires_s=instants_s,
    nonce=st.binary(min_size=8, max_size=32),
    hold_s=st.integers(0, 1 << 31),
)

unmet_values = st.builds(
    UnmetValue,
    code=st.integers(0, 30).map(lambda bit: 1 << bit),
    found=st.floats(allow_nan=False, allow_infinity=False),
    needs=st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    """Any receipt that the schema allows."""
    unmet = tuple(draw(st.lists(unmet_values, max_size=3)))
    return Receipt(
        meter_id=draw(meter_ids),
        command_seq=draw(seqs),
        command_hash=draw(hashes),
        at_s=draw(instants_s),
        accepted=not unmet,
        unmet=unmet,
    )


def command_of(
    *, meter_id: str = METER_ID, seq: int = 7, issued_s: int = NOW_S, expires_s: int = NOW_S + 60
) -> Command:
    """A hold on return, with some fields set otherwise."""
    return Command(
        meter_id=meter_id,
        seq=seq,
        action=Action.HOLD_RETURN,
        issued_s=issued_s,
        expires_s=expires_s,
        nonce=b"12345678",
    )
