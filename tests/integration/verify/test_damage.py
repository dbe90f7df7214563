"""Planted damage: each is found, under the name of the invariant that it breaks, at its place."""

import pytest

from shared.runtime.verify import Choice
from shared.runtime.verify.read_models import UnknownReadModel
from tests.integration.verify.conftest import NOTE, Line, broken

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


async def test_healthy_line_holds_everything(line: Line) -> None:
    giver, lender = await line.of_giver(), await line.of_lender()

    assert broken(giver) == broken(lender) == {}
    assert {each.holds for each in (*giver.values(), *lender.values())} == {True}
    assert giver["chain"].checked == giver["topics"].checked == 32
    assert lender["names"].checked == 10
    assert lender["parked"].checked == 2
    assert lender["offsets"].checked == 2


async def test_quick_looks_at_the_facts_alone(line: Line) -> None:
    assert set(await line.of_lender(Choice(quick=True))) == {
        "head", "versions", "names", "answers", "positions", "chain", "recorded-times", "units",
    }  # fmt: skip


async def test_flipped_byte_breaks_the_chain_there(line: Line) -> None:
    damaged = await line.damaged(
        "giver", "update events set data = set_byte(data, 3, get_byte(data, 3) # 1) where position = 7"
    )

    assert broken(await damaged.of_giver(Choice(quick=True))) == {
        "chain": "position 7 does not follow from the facts before it"
    }
    assert "differs from position 7" in (broken(await damaged.of_giver())["topics"] or "")


@pytest.mark.parametrize(
    ("statements", "name", "words"),
    [
        pytest.param(
            ["delete from events where position = 9"], "positions", "position 9 is missing", id="a deleted row"
        ),
        pytest.param(
            [
                "update events set position = -4 where position = 4",
                "update events set position = 4 where position = 5",
                "update events set position = 5 where position = -4",
            ],
            "chain",
            "position 4 does not follow from the facts before it",
            id="two that were swapped",
        ),
        pytest.param(
            ["delete from events where position > 29"],
            "head",
            "the newest fact has position 29, the head says 32",
            id="a tail that was cut",
        ),
        pytest.param(
            ["update store_head set chain_hash = set_byte(chain_hash, 0, get_byte(chain_hash, 0) # 1)"],
            "head",
            "position 32 is not the fact that the head speaks of",
            id="a head of another past",
        ),
        pytest.param(
            ["update events set recorded_at = recorded_at - interval '1 hour' where position = 12"],
            "recorded-times",
            "position 12 was recorded before position 11",
            id="a time that was set back",
        ),
        pytest.param(
            ["update events set unit_last = 14 where position = 13"],
            "units",
            "position 14 is missing from the unit of position 13",
            id="a unit that claims more",
        ),
        pytest.param(
            ["update events set unit_first = 14 where position = 15"],
            "units",
            "position 15 belongs to no unit that began",
            id="a fact without its unit",
        ),
        pytest.param(
            ["update events set version = 3 where stream = 'donor-bad' and version = 2"],
            "versions",
            "stream donor-bad comes to version 3 at position 32",
            id="a version that is left out",
        ),
        pytest.param(
            ["delete from events where stream = 'donor-bad' and version = 1"],
            "versions",
            "stream donor-bad comes to version 2 at position 32",
            id="a stream without its beginning",
        ),
        pytest.param(
            ["update relay_head set position = 40"],
            "checkpoints",
            "relay_head is at position 40, the head at 32",
            id="a relay ahead of the facts",
        ),
    ],
)
async def test_damage_to_facts_is_found_by_name(line: Line, statements: list[str], name: str, words: str) -> None:
    damaged = await line.damaged("giver", *statements)

    assert broken(await damaged.of_giver())[name] == words


async def test_store_that_was_set_back_is_found_by_all_that_went_on(line: Line) -> None:
    damaged = await line.damaged(
        "giver",
        "delete from events where position > 29",
        "update store_head set (position, chain_hash, recorded_at) ="
        " (select position, chain_hash, recorded_at from events where position = 29)",
    )
    found = broken(await damaged.of_giver())

    assert set(found) == {"answers", "checkpoints", "topics"}
    assert found["checkpoints"] == "relay_head is at position 32, the head at 29"
    assert "which the store has not" in (found["topics"] or "")


async def test_unit_that_lost_its_last_fact_is_found(line: Line) -> None:
    damaged = await line.damaged(
        "lender",
        "delete from events where position = (select max(unit_last) from events where unit_last > unit_first)",
    )

    assert "is missing from the unit of" in (broken(await damaged.of_lender())["units"] or "")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from names where stream = 'card-R-3'", "nobody holds the name of kind card that position"),
        ("update names set stream = 'card-R-4' where stream = 'card-R-3'", "stream card-R-4 holds the name of kind"),
        (
            "insert into names values ('demo', 'card', 'x', 'card-R-9')",
            "stream card-R-9 holds a name of kind card that",
        ),
    ],
)
async def test_reserved_name_without_its_fact_is_found(line: Line, statement: str, words: str) -> None:
    damaged = await line.damaged("lender", statement)

    assert words in (broken(await damaged.of_lender())["names"] or "")


async def test_name_that_two_streams_reserved_is_found(line: Line) -> None:
    damaged = await line.damaged(
        "lender",
        "update events set names = (select names from events where stream = 'card-R-1') where stream = 'card-R-2'",
    )

    assert "names" in broken(await damaged.of_lender())


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("delete from parked where cause = 'ValueError'", "is missing"),
        ("update parked set offset_ = offset_ + 100 where cause = 'ValueError'", "is missing"),
        (
            "insert into parked select topic, partition, 0, tenant_id, key, 1, event_id, 'x' from parked limit 1",
            "no fact says that",
        ),
        ("update parked set key = 'D-1' where cause = 'ValueError'", "is not the record that its fact names"),
    ],
)
async def test_parked_row_without_its_fact_is_found(line: Line, statement: str, words: str) -> None:
    damaged = await line.damaged("lender", statement)
    found = broken(await damaged.of_lender())["parked"] or ""

    assert "healthy.registration/" in found
    assert words in found


async def test_parked_record_that_left_the_log_is_found(line: Line) -> None:
    damaged = await line.damaged("log", "delete from log_record where key = 'bad' and topic = 'healthy.registration'")

    assert "is not the record that parked, key bad" in (broken(await damaged.of_lender())["parked"] or "")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update checkpoint set position = 999 where topic = 'own'", "checkpoint own is at position 999, the head at"),
        ("insert into checkpoint values ('effect:send', 0, 999, '', 0, 999)", "checkpoint effect:send is at"),
        ("update projected set position = 999 where name = 'rm_shelves_v1'", "projected rm_shelves_v1 is at"),
    ],
)
async def test_reader_ahead_of_the_facts_is_found(line: Line, statement: str, words: str) -> None:
    damaged = await line.damaged("lender", statement)

    assert words in (broken(await damaged.of_lender())["checkpoints"] or "")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("next_offset = 999", "the partition has no offset 998"),
        ("position = 999", "it says 999"),
        ("position = 1", "it says 1"),
        ("store_id = 'x'", "is of another store or incarnation"),
        ("incarnation = 0", "is of another store or incarnation"),
    ],
)
async def test_checkpoint_that_the_log_contradicts_is_found(line: Line, change: str, words: str) -> None:
    damaged = await line.damaged(
        "lender",
        f"update checkpoint set {change} where topic <> 'own' and partition = 0",  # noqa: S608 (ours)
    )

    assert words in (broken(await damaged.of_lender())["offsets"] or "")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        pytest.param("delete from log_record where key = 'D-9'", "follows position 9", id="a dropped record"),
        pytest.param(
            "delete from log_record where (topic, offset_) ="
            " (select topic, max(offset_) from log_record where key = 'bad' and topic like '%registration' group by 1)",
            "has not position 32, which was relayed",
            id="the last one",
        ),
        pytest.param(
            "update log_record set value = '{}' where key = 'D-9'",
            "differs from position 9 of the store",
            id="other bytes",
        ),
        pytest.param(
            "update log_record set partition = 1 - partition, offset_ = 500 where key = 'D-9'",
            "has position 9, which belongs into another partition",
            id="another partition",
        ),
    ],
)
async def test_topic_that_is_not_the_store_is_found(line: Line, statement: str, words: str) -> None:
    damaged = await line.damaged("log", statement)

    assert words in (broken(await damaged.of_giver())["topics"] or "")


async def test_records_that_came_again_or_are_not_ours_are_counted(line: Line) -> None:
    damaged = await line.damaged(
        "log",
        "insert into log_record select topic, partition, offset_ + 100, key, value, headers from log_record"
        " where topic = 'healthy.registration' and partition = 0 and offset_ < 3",
        "insert into log_record values ('healthy.registration', 0, 200, 'k', 'v', '[]')",
        "update log_partition set next_offset = 201 where topic = 'healthy.registration' and partition = 0",
    )
    found = await damaged.of_giver()

    assert broken(found) == {}
    assert found["topics"].left_out == 4
    assert found["topics"].note == "3 records were sent again; 1 records are not ours"


async def test_facts_that_wait_for_the_relay_are_no_fault(line: Line) -> None:
    damaged = await line.damaged("giver", "update relay_head set position = 20")
    found = await damaged.of_giver()

    assert broken(found) == {}
    assert found["topics"].checked == 20
    assert found["topics"].note == "12 facts are not sent yet"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("update rm_shelves_v1 set doc = jsonb_set(doc::jsonb, '{times}', '9') where key = 'C-7'", "1 rows differ"),
        ("delete from rm_shelves_v1 where key = 'C-7'", "the first is demo/C-7"),
        ("update rm_shelves_v1 set pages = 7 where key = 'C-7'", "the first is demo/C-7"),
    ],
)
async def test_changed_row_of_a_read_model_is_found(line: Line, statement: str, words: str) -> None:
    damaged = await line.damaged("lender", statement)
    found = broken(await damaged.of_lender())

    assert set(found) == {"read-model shelves"}
    assert words in (found["read-model shelves"] or "")


async def test_changed_row_over_facts_of_others_is_found_and_parked_ones_are_left_out(line: Line) -> None:
    damaged = await line.damaged("lender", "delete from rm_donors_v1 where key = 'D-7'")
    found = await damaged.of_lender()

    assert broken(found) == {"read-model donors": "1 rows differ, the first is demo/D-7"}
    assert found["read-model donors"].left_out == 2
    assert found["read-model donors"].note == "2 parked records are in neither"


async def test_read_model_that_stopped_is_broken(line: Line) -> None:
    damaged = await line.damaged("lender", "update projected set broken = 'ValueError' where name = 'rm_shelves_v1'")

    assert "projection-broken" in (broken(await damaged.of_lender())["read-model shelves"] or "")


async def test_only_the_read_models_that_are_named_are_looked_at(line: Line) -> None:
    found = await line.of_lender(Choice(read_models=frozenset({"shelves"})))

    assert "read-model shelves" in found
    assert "read-model donors" not in found
    with pytest.raises(UnknownReadModel):
        await line.of_lender(Choice(read_models=frozenset({"nobody"})))


async def test_answer_without_its_fact_is_found(line: Line) -> None:
    damaged = await line.damaged("giver", "update idempotency set version = 2 where stream = 'donor-D-7'")

    assert broken(await damaged.of_giver(Choice(quick=True))) == {
        "answers": "table idempotency: the fact of POST /gifts of stream donor-D-7 version 2 is missing"
    }


@pytest.mark.parametrize(
    "sealed",
    ["set_byte(sealed, 0, 122)", "set_byte(sealed, 60, get_byte(sealed, 60) # 1)", "substr(sealed, 1, 50)", "''"],
    ids=["its key", "its content", "its end", "all of it"],
)
async def test_file_that_was_altered_is_found(line: Line, sealed: str) -> None:
    damaged = await line.damaged("lender", f"update files set sealed = {sealed}")  # noqa: S608 (ours)

    assert broken(await damaged.of_lender()) == {"files": f"table files: note {NOTE.sha256} is not what was stored"}


@pytest.mark.parametrize("names", ["[[", '[{"kind":"card"}]', "[7]"])
async def test_reserved_names_that_cannot_be_read_are_a_finding(line: Line, names: str) -> None:
    damaged = await line.damaged("lender", f"update events set names = '{names}' where position = 5")  # noqa: S608
    found = await damaged.of_lender()

    assert {"names", "topics"} <= set(broken(found))
    assert found["answers"].holds
