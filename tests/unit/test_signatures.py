"""Copies, retractions and corrected indexes of one transaction, against the model's own rule."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.signatures import FINAL, KINDS, TAKES_BACK, Decision, Kind, RawRecord, Step, decide
from schemas.event import Op
from schemas.rows import SignatureRow

DAY_S = 86_400
RETENTION_S = 2 * DAY_S
NOW = 1_790_000_000

Rows = dict[int, dict[str, Any]]


def model_applied(firsts: dict[str, Any]) -> bool:
    """Transcribed: ``applied`` of the model, for sig='lattice'; what is withdrawn is out of it."""
    return "w" not in firsts and (
        "c" in firsts or "x" in firsts or ("p" in firsts and "r" not in firsts)
    )


def model_decide(  # noqa: C901  # One function, as in the model.
    rows: Rows, p: tuple[int, int], kind: str, slot: int, idx: int
) -> list[Any]:
    """Transcribed: ``decide`` of the model, for sig='lattice', other_slot=1, sig_resend=1.

    Rows are those of one signature, by slot, changed in place.
    """
    if kind == "p" and any(
        s != slot and any(v[q] < p for q in "cx" if q in v) for s, v in rows.items()
    ):
        return []
    row = dict(rows.get(slot, {}))
    if kind not in row:
        row[kind] = p
        if kind == "x":
            row["xi"] = idx
        rows[slot] = row
    elif row[kind] != p:
        return []
    bef = {q: v for q, v in row.items() if q != "xi" and v < p}
    aft = {**bef, kind: p}
    out: list[Any] = []
    a, b = model_applied(bef), model_applied(aft)
    ix = row["xi"] if "x" in aft else idx
    if not a and b:
        out.append((Op.APPLY, slot, ix))
    elif a and not b:
        out.append((Op.UNDO, slot, ix))
    elif a and b and kind == "x":
        out.append((Op.REINDEX, slot, ix))
    for sl in [s for s in rows if s != slot]:
        other = dict(rows[sl])
        bf = {q: v for q, v in other.items() if q != "xi" and v < p}
        later = "w" in other and not bf  # It knows of nothing there yet, delivered again.
        if (
            kind in "cx"
            and not any(q in other for q in "cx")
            and other.get("r", p) == p
            and not later
        ):
            other["r"] = p
            rows[sl] = other
            if model_applied(bf):
                out.insert(0, (Op.UNDO, sl, 0))
    return out


def as_model(row: SignatureRow | None) -> Rows:
    """Return a row as the model keeps it."""
    if row is None:
        return {}
    names = {"p": "p", "r": "r", "c": "c", "x": "x", "w": "w", "index": "xi"}
    return {
        copies.slot: {
            model: getattr(copies, name)
            for name, model in names.items()
            if getattr(copies, name) is not None
        }
        for copies in row.slots
    }


def comparable(steps: Any) -> list[Any]:
    """Return steps as sorted triples; the order among other slots means nothing."""
    return sorted((s.op, s.slot, s.index) if isinstance(s, Step) else s for s in steps)


def record(kind: Kind, **over: Any) -> RawRecord:
    """Return a raw record with ordinary values."""
    values = {"slot": 5, "index": 1, "exact": True, "time": NOW, "position": (1, 10)}
    return RawRecord(kind=kind, **(values | over))


def after(*records: RawRecord) -> tuple[SignatureRow | None, list[Decision]]:
    """Return the row and the decisions after records in order."""
    row, decisions = None, []
    for each in records:
        decisions.append(decide(row, each, head_time=NOW, retention_s=RETENTION_S))
        row = decisions[-1].row or row
    return row, decisions


def ops(*records: RawRecord) -> list[list[tuple[Op, int]]]:
    """Return what each of the records, in order, does in which slot."""
    return [[(step.op, step.slot) for step in d.steps] for d in after(*records)[1]]


logs = st.lists(
    st.tuples(st.sampled_from(Kind), st.integers(1, 3), st.integers(0, 4)), min_size=1, max_size=9
)


@given(logs, st.lists(st.integers(0, 8), max_size=3), st.integers(0, 9))
def test_decides_as_the_model_does(log: Any, replays: list[int], recreated: int) -> None:
    """Any log, redelivered from any of its offsets any number of times, through a new epoch."""
    raw = [
        record(kind, slot=slot, index=index, position=(int(n >= recreated), n))
        for n, (kind, slot, index) in enumerate(log)
    ]
    row: SignatureRow | None = None
    rows: Rows = {}
    for start in [0, *replays]:
        for each in raw[start:]:
            decision = decide(row, each, head_time=NOW, retention_s=RETENTION_S)
            row = decision.row or row
            expected = model_decide(rows, each.position, each.kind, each.slot, each.index)

            assert comparable(expected) == comparable(decision.steps)
            assert rows == as_model(row)


@given(logs)
def test_the_steps_lead_to_where_the_records_leave_it(log: Any) -> None:
    """Played one after another, steps put a transaction into a slot or take it out, never twice."""
    standing: set[int] = set()
    row = None
    for n, (kind, slot, index) in enumerate(log):
        each = record(kind, slot=slot, index=index, position=(1, n))
        decision = decide(row, each, head_time=NOW, retention_s=RETENTION_S)
        row = decision.row or row
        for step in decision.steps:
            assert (step.slot in standing) == (step.op is not Op.APPLY)
            standing = standing ^ {step.slot} if step.op in {Op.APPLY, Op.UNDO} else standing
    slots = row.slots if row else ()
    final = {copies.slot for copies in slots if (copies.c or copies.x) and not copies.w}

    assert final <= standing
    assert (final or standing) == standing


@given(logs)
def test_a_record_delivered_again_does_the_same_again(log: Any) -> None:
    """Its effect depends on what stands before it in the log, not on what was seen since.

    As on a chain, a transaction is confirmed in one slot only (here the first).
    """
    raw = [
        record(k, slot=1 if k in FINAL else s, index=i, position=(1, n))
        for n, (k, s, i) in enumerate(log)
    ]
    row, decisions = after(*raw)
    for each, before in zip(raw, decisions, strict=True):
        again = decide(row, each, head_time=NOW, retention_s=RETENTION_S)

        assert before.steps == again.steps
        assert (None if before.row is None else row) == again.row


def test_copies_of_a_kind_do_nothing_more() -> None:
    """Two nodes, a restart, a backfill: one trade."""
    copies = [record(Kind.CONFIRMED, position=(1, n)) for n in range(3)]

    assert [[(Op.APPLY, 5)], [], []] == ops(*copies)


def test_confirmed_retracts_what_another_slot_processed() -> None:
    """A transaction runs once on a chain; later processed copies elsewhere are barred."""
    fork = record(Kind.PROCESSED, slot=5, position=(1, 1))
    here = record(Kind.CONFIRMED, slot=6, position=(1, 2))
    late = record(Kind.PROCESSED, slot=7, position=(1, 3))

    assert [[(Op.APPLY, 5)], [(Op.UNDO, 5), (Op.APPLY, 6)], []] == ops(fork, here, late)


def test_what_was_confirmed_and_is_in_no_block_goes_for_good() -> None:
    """A node told of it and the block has it not: no later copy in that slot brings it back."""
    told = record(Kind.CONFIRMED, exact=False, position=(1, 1))
    gone = record(Kind.WITHDRAWN, position=(1, 2))
    again = record(Kind.INDEXED, position=(1, 3))
    elsewhere = record(Kind.INDEXED, slot=6, position=(1, 4))

    assert [[(Op.APPLY, 5)], [(Op.UNDO, 5)], [], [(Op.APPLY, 6)]] == ops(
        told, gone, again, elsewhere
    )


def test_an_index_that_comes_later_moves_the_transaction() -> None:
    """The indexed record's index counts for all that comes after it."""
    first = record(Kind.CONFIRMED, index=9, exact=False, position=(1, 1))
    index = record(Kind.INDEXED, index=2, position=(1, 2))
    steps = [step for d in after(first, index)[1] for step in d.steps]

    assert [
        Step(Op.APPLY, 5, 9, settled=False, time=NOW),
        Step(Op.REINDEX, 5, 2, settled=False, time=NOW),
    ] == steps


def test_only_confirmed_with_an_exact_index_is_settled() -> None:
    """Everything else may still be retracted or moved."""
    settled = {
        (kind, exact)
        for kind in Kind
        for exact in (True, False)
        for step in after(record(kind, exact=exact))[1][0].steps
        if step.settled
    }

    assert {(Kind.CONFIRMED, True)} == settled


def test_what_is_older_than_the_retention_goes_to_the_log_only() -> None:
    """By the head clock at its own offset; the row, which may be forgotten, stays as it is."""
    for kind in Kind:
        old = record(kind, time=NOW - RETENTION_S - 1)
        young = record(kind, time=NOW - RETENTION_S)
        logged = Step(Op.LOG, 5, 1, settled=False, time=old.time)
        steps = () if kind in TAKES_BACK else (logged,)

        assert Decision(None, steps) == after(old)[1][0]
        assert after(young)[1][0].row is not None


def test_the_row_is_as_young_as_the_newest_block() -> None:
    """Rows are forgotten by it."""
    row, _ = after(
        record(Kind.PROCESSED, slot=5, time=NOW - 5, position=(1, 1)),
        record(Kind.CONFIRMED, slot=9, time=NOW - 1, position=(1, 2)),
    )

    assert row is not None
    assert NOW - 1 == row.time


def test_kinds_are_named_as_in_the_header() -> None:
    """``bt_kind`` spells them out, the row keeps a letter."""
    names = {
        "processed": "p", "retracted": "r", "confirmed": "c", "indexed": "x", "withdrawn": "w",
    }  # fmt: skip

    assert names == dict(KINDS)


def test_an_undo_names_the_time_at_which_its_slot_was_counted() -> None:
    """Confirmed in another slot, a transaction leaves the buckets it was counted in."""
    _, decisions = after(
        record(Kind.PROCESSED, slot=5, time=NOW - 3, position=(1, 10)),
        record(Kind.CONFIRMED, slot=9, time=NOW, position=(1, 20)),
    )

    assert [
        Step(Op.UNDO, 5, 0, settled=False, time=NOW - 3),
        Step(Op.APPLY, 9, 1, settled=True, time=NOW),
    ] == list(decisions[-1].steps)
