"""Claims about everything but a scan: a start from any journal, a remote message, a controller that is silent."""

from dataclasses import dataclass

from bptm.assurance.proofs_claim import Claim, From
from bptm.assurance.proofs_claim import claim_if as _if
from bptm.assurance.proofs_model import BLOCK_CAUSES, INVARIANT, LATCHED, LOCK_CAUSES, Step, invariant, symbols
from bptm.assurance.z3_memory import Record
from bptm.assurance.z3_translate import Machine, Source
from bptm.assurance.z3_translate_terms import Term, all_of, any_of, negation, one_of, pick, whole
from bptm.terms import core_codes as c
from bptm.terms.core_device import DEVICE_FIELDS, INTERLOCK_FIELDS, INTERLOCK_INPUT_FIELDS

_NO_CHANGE = ("events", "wake_ticks")


def claims_of_a_start(step: Step) -> list[Claim]:
    """Claims about a start from any journal; what is not journalled is arbitrary."""
    old, s, m = step.before, step.after, step.m
    # Counts begin again: nothing is known of the time without supply.
    after = invariant(s, step.interlock, step.p, dict.fromkeys(step.ghosts, 0))
    u_closed = all_of(m["u_closed_poles"] == 3, m["u_open_poles"] == 0)
    b_open = all_of(m["b_open_poles"] == 3, m["b_closed_poles"] == 0)
    u_open = all_of(m["u_open_poles"] == 3, m["u_closed_poles"] == 0)
    free = old["latched"] == c.CAUSE_NONE
    blocked = all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, negation(free))
    lost = old["journal_lost"] == 1
    keeps = all_of(s["latched"] == old["latched"], s["mode"] == old["mode"])
    no_close = all_of(s["u_order"] != c.ORDER_CLOSE, s["b_order"] != c.ORDER_CLOSE, s["b_order"] == c.ORDER_OPEN)
    doubt = all_of(negation(blocked), negation(u_open), negation(all_of(free, u_closed, b_open)))
    return [
        *(
            Claim(law="INV", sentence=f"a start establishes: {sentence}", claim=clause, witness=True)
            for sentence, clause in zip(INVARIANT, after, strict=True)
        ),
        _if("L3", "a start issues no close and drops B, whatever was before", True, no_close, From.ANY),
        _if("L3", "a start leaves U as found when it reads closed, B open, and no lockout is journalled",
            all_of(free, u_closed, b_open), all_of(s["u_order"] == c.ORDER_NONE, pick(lost, s["mode"] == c.MODE_BACKUP_BLOCKED, one_of(s["mode"], (c.MODE_ON_UTILITY, c.MODE_DARK))))),
        _if("L3", "a start orders U open otherwise, unless it reads open already or only the backup is blocked", doubt, s["u_order"] == c.ORDER_OPEN),
        _if("L3", "a start under BACKUP_BLOCKED gives U no order", all_of(blocked, negation(lost)), s["u_order"] == c.ORDER_NONE),
        _if("L3", "a journalled lockout stands after a start", all_of(negation(free), negation(lost)), keeps),
        _if("L3", "without a valid journal the backup is blocked, or both are locked out", lost, one_of(s["mode"], LATCHED)),
    ]  # fmt: skip


def journal_is_consistent(old: Record) -> Term:
    """What the journal holds was written by a scan: a lockout stands with a cause of its list, or none stands."""
    counts = all_of(
        *(old[name] >= 0 for name in ("overloads", "harms", "flaps", "hold_left_ticks", "dead_time_ticks", "t_heat"))
    )
    flags = all_of(*(one_of(old[name], (0, 1)) for name in ("neutral_doubted", "disconnect_asked", "journal_lost")))
    lockout = any_of(
        all_of(old["latched"] == c.CAUSE_NONE, negation(one_of(old["mode"], LATCHED)), old["mode"] >= 0, old["mode"] <= c.MODE_DISCONNECTED),
        all_of(old["mode"] == c.MODE_LOCKED_OUT, one_of(old["latched"], LOCK_CAUSES)),
        all_of(old["mode"] == c.MODE_BACKUP_BLOCKED, one_of(old["latched"], BLOCK_CAUSES)),
    )  # fmt: skip
    return all_of(counts, flags, lockout)


def claims_of_a_command(step: Step) -> list[Claim]:
    """Claims about a remote action, whatever it is and whoever sent it."""
    old, s, p = step.before, step.after, step.p
    free = ("hold_left_ticks", "disconnect_asked", *_NO_CHANGE)
    untouched = all_of(*(s[f[0]] == old[f[0]] for f in DEVICE_FIELDS if f[0] not in free))
    hold, asked = s["hold_left_ticks"], s["disconnect_asked"]
    new = all_of(hold != old["hold_left_ticks"], hold != 0)
    done = step.value == 0
    held = all_of(step.action == c.ACTION_HOLD_RETURN, done)
    u_open = old["u_contact"] == c.CONTACT_OPEN
    allowed = all_of(p["remote_disconnect"] == 1, p["medical"] == 0, step.action == c.ACTION_DISCONNECT)
    back = all_of(asked == 0, old["disconnect_asked"] != 0)
    known = one_of(step.action, (c.ACTION_HOLD_RETURN, c.ACTION_ALLOW_RETURN, c.ACTION_DISCONNECT, c.ACTION_RECONNECT))
    return [
        _if("L4", "a message changes no order, mode, fact, timer, register or lockout", True, untouched, From.ANY),
        _if("L4", "a refused message changes no hold and no disconnection", negation(done),
            all_of(hold == old["hold_left_ticks"], asked == old["disconnect_asked"]), From.ANY),
        _if("L4", "a message of any other kind is refused", negation(known), negation(done), From.ANY),
        _if("L4", "a hold lasts from one minute to 24 hours", all_of(held, new), all_of(hold >= 7200, hold <= 10368000), From.ANY),
        _if("L4", "no hold is taken by a locked-out meter, nor unless U reads open", held, all_of(u_open, old["mode"] != c.MODE_LOCKED_OUT), From.ANY),
        _if("L4", "a disconnection is asked for only where the settings allow it, never in a medical home",
            all_of(asked != old["disconnect_asked"], asked != 0), allowed, From.ANY),
        _if("L4", "only a message to reconnect withdraws a disconnection", back, step.action == c.ACTION_RECONNECT, From.ANY),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """The interlock alone, with a controller that may be silent: what was before, what it is told, what is after."""

    before: Record
    after: Record
    told: dict[str, Term]


def interlock_alone(source: Source) -> Silence:
    """Runs `judge_orders` once, with orders and a beat that come from nowhere."""
    before, r = symbols(INTERLOCK_FIELDS, "k"), symbols(INTERLOCK_INPUT_FIELDS, "r")
    names = ("dead_ticks", "watchdog_ticks", "beat", "u_asked", "b_asked", "ticks")
    told = {name: whole(name) for name in names}
    records = {"k": dict(before), "r": dict(r)}
    Machine(source=source).run("judge_orders", records, ("k", "r", *told.values()))
    return Silence(before=before, after=records["k"], told=told)


def claims_of_silence(alone: Silence) -> list[Claim]:
    """The watchdog, whatever the orders: a controller that hangs leaves them as they stood."""
    k, old, told = alone.after, alone.before, alone.told
    silent = all_of(told["beat"] == old["beat_seen"], old["t_silent"] + told["ticks"] >= told["watchdog_ticks"])
    no_close = all_of(k["b_out"] == c.ORDER_OPEN, k["u_out"] != c.ORDER_CLOSE)
    still_open = all_of(silent, told["u_asked"] == c.ORDER_OPEN)
    return [
        _if("L2", "without a beat for the time of the watchdog B is dropped and no close passes", silent, no_close, From.ANY),
        _if("L2", "an order to open U passes from a silent controller too", still_open, k["u_out"] == c.ORDER_OPEN, From.ANY),
    ]  # fmt: skip
