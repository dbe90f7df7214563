"""A masked file: nobody is in it any more, the same person is the same, and a check finds nothing new."""

from datetime import date
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.kernel.identifiers import is_npi
from shared.x12.checks import check
from shared.x12.checks.datatypes import day
from shared.x12.checks.dictionary import segments
from shared.x12.checks.masking import Masker, mask
from shared.x12.checks.tree import tree
from shared.x12.malformed import MalformedX12, segment_name
from shared.x12.separators import Separators
from shared.x12.tokens import tokenize
from tests.unit.shared.x12.checks import bases
from tests.unit.shared.x12.checks.broken import ISA
from tests.unit.shared.x12.examples import SAMPLES, needs_samples

TODAY: Final = date(2026, 11, 1)
KEY: Final = b"a key of sixteen bytes or more"
BASES: Final = {
    name: ("~".join(base) + "~").encode()
    for name, base in vars(bases).items()
    if isinstance(base, tuple) and base[0] == ISA
}
PERSONAL: Final = (
    "DOE", "JOHN", "ROE", "MARY", "SMITH", "ANN", "JANE", "MBR0000", "1 ELM ST", "2 OAK ST", "TAMPA", "CLM000",
    "19700515", "3055551234", "587654321", "ICN000", "123456*", "GRP000", "1234567893", "TRACE", "SURGERY",
)  # fmt: skip
FILES: Final = sorted(path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.edi"))


def _found(data: bytes) -> list[tuple[str, int, str, str, str]]:
    """Return what a check finds, but for blanks between segments, which a copy does not have."""
    return [
        (each.rule.id, each.segment, each.place, each.loop, each.detail)
        for each in check(data, today=TODAY)
        if each.rule.id != "1-blank-before"
    ]


def _masked(data: bytes, key: bytes = KEY) -> bytes:
    return b"".join(mask(data, key=key))


@pytest.mark.parametrize("name", BASES)
def test_nobody_is_in_a_masked_file(name: str) -> None:
    masked = _masked(BASES[name]).decode()

    assert [word for word in PERSONAL if word in masked] == []


@pytest.mark.parametrize("name", BASES)
def test_a_masked_file_has_the_same_form(name: str) -> None:
    before, after = BASES[name].decode(), _masked(BASES[name]).decode()

    assert len(before) == len(after)
    assert [line.partition("*")[0] for line in before.split("~")] == [
        line.partition("*")[0] for line in after.split("~")
    ]
    assert _found(after.encode()) == _found(before.encode())


def test_one_key_gives_one_result_and_another_key_another() -> None:
    file = BASES["PROFESSIONAL"]

    assert _masked(file) == _masked(file)
    assert _masked(file) != _masked(file, b"another key of sixteen bytes")


def test_the_same_person_and_claim_stay_the_same() -> None:
    masked = _masked(BASES["PROFESSIONAL"]).decode().split("~")
    paid = _masked(BASES["REMITTANCE"]).decode().split("~")
    subscriber = next(line for line in masked if line.startswith("NM1*IL"))
    patient = next(line for line in paid if line.startswith("NM1*QC"))

    assert subscriber.split("*")[3:6] == patient.split("*")[3:6]
    assert [line.split("*")[1] for line in masked if line.startswith("CLM*")] == [
        line.split("*")[1] for line in paid if line.startswith("CLP*")
    ]


def test_amounts_days_of_service_and_codes_stay() -> None:
    masked = _masked(BASES["REMITTANCE"]).decode()

    for kept in ("*150*110*10*", "DTM*472*20260115", "CAS*CO*45*20", "HC:99213", "LQ*HE*N130", "*CT*061"):
        assert kept in masked


@settings(deadline=None)  # the first letter that is none of ASCII makes a table of all letters
@given(texts=st.lists(st.text("ABCxyz0123456789 -ÉÖßü÷\u2019漢字🙂", max_size=12), unique=True, max_size=60))
def test_two_texts_never_become_one(texts: list[str]) -> None:
    masker = Masker(KEY)
    masked = [masker.text(text) for text in texts]

    assert len(set(masked)) == len(texts)
    assert [len(text) for text in masked] == [len(text) for text in texts]


@given(text=st.from_regex(r"[12][0-9]{8}", fullmatch=True))
def test_an_npi_becomes_an_npi(text: str) -> None:
    npi = next(text + str(check_digit) for check_digit in range(10) if is_npi(text + str(check_digit)))

    assert is_npi(Masker(KEY).text(npi))


@given(text=st.from_regex(r"[0-9]{10}", fullmatch=True).filter(lambda text: not is_npi(text)))
def test_what_is_no_npi_becomes_none(text: str) -> None:
    assert not is_npi(Masker(KEY).text(text))


@pytest.mark.parametrize(
    ("segment", "masked"),
    [
        ("DMG*D8*19700515*M", "DMG*D8*19700101*M"),
        ("DMG*D8*19700101*M", "DMG*D8*19700101*M"),
        ("PAT*****D8*20260102", "PAT*****D8*20260101"),
        ("INS*Y*18*********D8*20251231", "INS*Y*18*********D8*20250101"),
        ("DTP*442*D8*20251231", "DTP*442*D8*20250101"),
        ("DTP*472*D8*20251231", "DTP*472*D8*20251231"),
        ("DMG*RD8*19700515-19700516*M", "DMG*RD8*19700101-19700101*M"),
    ],
)
def test_of_births_and_deaths_the_year_stays(segment: str, masked: str) -> None:
    assert Masker(KEY).segment(segment, Separators()) == masked


def test_a_birth_after_the_file_was_made_stays_one() -> None:
    masker = Masker(KEY)
    masker.segment("GS*HC*S*R*20260201*1200*1*X*005010X222A1", Separators())

    assert masker.segment("DMG*D8*20260131", Separators()) == "DMG*D8*20260101"
    assert masker.segment("DMG*D8*20260202", Separators()) == "DMG*D8*20261231"
    assert day(masker.segment("DMG*D8*20269902", Separators()).split("*")[2]) is None


@pytest.mark.parametrize(
    ("isa", "gs", "stays"),
    [
        ("SENDER01", "SENDER01", True),
        ("1234567893", "1234567893", False),
        ("1234567890", "1234567890", True),
        ("587654321", "587654321", False),
        ("58-7654321", "58-7654321", False),
    ],
)
def test_a_partner_stays_unless_its_id_is_an_npi_or_a_tax_id(isa: str, gs: str, stays: bool) -> None:  # noqa: FBT001
    masker = Masker(KEY)
    head = masker.segment(ISA.replace("SENDER01       ", isa.ljust(15)), Separators())
    group = masker.segment(f"GS*HC*{gs}*RECEIVER01*20260201*1200*1*X*005010X222A1", Separators())
    name = masker.segment(f"NM1*41*2*ACME*****46*{gs}", Separators())

    assert len(head) == len(ISA)
    assert (head.split("*")[6].rstrip() == isa) is stays
    assert head.split("*")[6].rstrip() == group.split("*")[2] == name.split("*")[9]
    assert (head.split("*")[13], group.split("*")[6:]) == ("000000001", ["1", "X", "005010X222A1"])


@pytest.mark.parametrize(
    "segment",
    [
        "III*ZZ**44*JOHN DOE",
        "EB*C*IND*30**JOHN DOE PLAN",
        "SV3*AD:D1110:::::JANE DOE*50*****JANE DOE",
        "DN1***Y*JANE DOE",
        "CR1***A*DH***12 DOE ST*9 DOE AVE",
        "TRN*1*DOE1*9512345678*DOE",
        "CTX*CLM01:DOE1^NM109:DOE2",
        "REF*D9*DOE1**SY:DOE2^G1:DOE3",
        "NM1*TT*1*DOE*JOHN****PI*DOE3",
        "ZZZ*DOE*A DOE*DOE:DOE^DOE",
        "DMG*D8*JOHN DOE*DOE",
        "BPR*DOE*JOHN DOE*C*ACH*CCP*01*DOE*DA*DOE*DOE*DOE*01*DOE*DA*DOE*JOHN DOE",
        "SV1*HC:DOEJOHN:A1:DOEDOE:::DOE*DOE*UN*DOE*DOE*DOE",
        "HI*ABK:DOEJOHN*BH:DOEX:D8:DOE 1970",
        "NM1*IL*1*DOE*JOHN*DOE*DOE*DOE*MI*DOE1***DOE*DOE",
        "PER*IC*DOE*TE*DOE*TE*DOE*TE*DOE*DOE*DOE",
        "STC*A1:19:PR*20260201*WQ*350*****DOE***DOE",
        "TRN*1*DOE*DOE1234567*DOE",
        "SVC*HC:99213::::::DOE*100*70*DOENAME**HC:99213:::::DOE*DOE",
        "LX*JOHN DOE",
        "ST*837*DOE DOE*JOHN DOE",
        "JOHN DOE",
        "GS*HC*S*R*20260201*1200*1*X*005010X222A1*DOE",
        "ISA*01*DOE       *01*DOE       *ZZ*S*ZZ*R*260101*1200*^*00501*000000003*0*T*:",
    ],
)
def test_nobody_is_in_what_stands_seldom_either(segment: str) -> None:
    masked = Masker(KEY).segment(segment, Separators())

    assert "DOE" not in masked
    assert len(masked) == len(segment)
    assert "NM109:" in masked or "NM109:" not in segment


@pytest.mark.parametrize("text", ["JOHNDOE", "JOHN DOE", "Doe", "587-65-4321", "(305)555-1234", "M\xdcLLER"])
def test_a_name_that_stands_where_nobody_thought_of_it_does_not_stay(text: str) -> None:
    """Every element and component of every segment that there is, and more of them than there are."""
    masker = Masker(KEY)
    for name in [*segments(), "ZZZ", "UM"]:
        shapes = segments()[name].elements if name in segments() else ()
        elements = [name] if name != "SVD" else [name, "99999"]  # a payer's id stays
        parts = [len(shape.parts.elements) + 1 if shape.parts else 1 for shape in shapes[len(elements) - 1 :]]
        segment = "*".join([*elements, *(":".join([text] * count) for count in parts), text, f"{text}^{text}"])
        masked = masker.segment(segment, Separators())

        assert text not in masked, name
        assert len(masked) == len(segment)


@pytest.mark.parametrize("name", ["DOE", "ANN", "SMITH JOHN", "Doe", "ZZZ"])
def test_a_text_in_the_place_of_a_segments_name_does_not_stay(name: str) -> None:
    masked = Masker(KEY).segment(f"{name}*X", Separators()).partition("*")[0]

    assert masked != name
    assert len(masked) == len(name)
    assert segment_name(masked) == ""


def test_a_long_text_becomes_another_one_whole() -> None:
    text = "DOE " * 200_000
    masked = Masker(KEY).text(text)

    assert len(masked) == len(text)
    assert "DOE" not in masked[:400]
    assert masked != Masker(KEY).text("E" + text[1:])


def test_what_is_no_ascii_is_read_as_it_was_written() -> None:
    file = BASES["PROFESSIONAL"].replace(b"*DOE*JOHN*", "*M\xfcLLER*\u6f22*".encode(), 1)
    latin = BASES["PROFESSIONAL"].replace(b"*DOE*JOHN*", b"*M\xdcLLER*\xc9\xe9*", 1)

    for data in (file, latin):
        assert _found(_masked(data)) == _found(data)
        assert len(list(tokenize(_masked(data)))) == len(list(tokenize(data)))


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_a_check_finds_the_same_in_a_masked_sample(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    try:
        masked = _masked(data)
    except MalformedX12:
        return

    assert _found(masked) == _found(data)


def test_a_tree_hides_people_unless_it_is_to_show_them() -> None:
    file = BASES["PROFESSIONAL"]
    hidden = [line.text for line in tree(file, masker=Masker(KEY))]
    clear = [line.text for line in tree(file, masker=None)]

    assert "name: IL, 1, DOE, JOHN, Q, MI, MBR00000001" in clear
    assert not any("DOE" in line for line in hidden)
    assert "2010BA subscriber" in hidden
    assert "claim: CLM0001, 150.00, 11 B 1, Y, A, Y, Y" in clear
    assert "day: 472, D8, 2026-01-15" in hidden
    assert len([line for line in tree(file, masker=None) if line.number]) == len(file.split(b"~")) - 1


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_a_tree_has_every_segment_of_a_sample(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    try:
        numbers = [line.number for line in tree(data, masker=Masker(KEY)) if line.number]
    except MalformedX12:
        return

    assert numbers == list(range(1, len(numbers) + 1))
