"""A masked file: nobody is in it any more, the same person is the same, and a check finds nothing new."""

from collections import Counter
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.identifiers import is_npi
from shared.x12.checks import check
from shared.x12.checks.masking import Masker, mask
from shared.x12.checks.tree import tree
from shared.x12.malformed import MalformedX12
from shared.x12.separators import Separators
from tests.unit.shared.x12.checks import bases
from tests.unit.shared.x12.checks.broken import ISA
from tests.unit.shared.x12.examples import SAMPLES, needs_samples

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
    assert [(each.rule.id, each.segment) for each in check(after.encode())] == [
        (each.rule.id, each.segment) for each in check(before.encode())
    ]


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


@given(texts=st.lists(st.text("ABCxyz0123456789 -", max_size=12), unique=True, max_size=60))
def test_two_texts_never_become_one(texts: list[str]) -> None:
    masker = Masker(KEY)
    masked = [masker.text(text) for text in texts]

    assert len(set(masked)) == len(texts)
    assert [len(text) for text in masked] == [len(text) for text in texts]


@given(text=st.from_regex(r"[12][0-9]{8}", fullmatch=True))
def test_an_npi_becomes_an_npi(text: str) -> None:
    npi = next(text + str(check_digit) for check_digit in range(10) if is_npi(text + str(check_digit)))

    assert is_npi(Masker(KEY).npi(npi))


def test_a_birth_day_becomes_an_earlier_day_of_the_year_before_it() -> None:
    masker = Masker(KEY)
    born = masker.segment("DMG*D8*19700515*M", Separators()).split("*")

    assert "19690515" < born[2] < "19700515"
    assert masker.segment("DMG*D8*19700101*M", Separators()).split("*")[2] < "19700101"
    assert (born[0], born[1], born[3]) == ("DMG", "D8", "M")


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
        "ISA*01*DOE       *01*DOE       *ZZ*S*ZZ*R*260101*1200*^*00501*000000003*0*T*:",
    ],
)
def test_nobody_is_in_what_stands_seldom_either(segment: str) -> None:
    masked = Masker(KEY).segment(segment, Separators())

    assert "DOE" not in masked
    assert len(masked) == len(segment)
    assert "NM109:" in masked or "NM109:" not in segment


@needs_samples
@pytest.mark.parametrize("name", FILES)
def test_a_check_finds_nothing_new_in_a_masked_sample(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    try:
        masked = _masked(data)
    except MalformedX12:
        return
    before = Counter(each.rule.id for each in check(data) if each.is_error)
    after = Counter(each.rule.id for each in check(masked) if each.is_error)

    assert after - before == Counter()


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
