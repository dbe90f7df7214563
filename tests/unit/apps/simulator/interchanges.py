"""837P files as a sender would write them, segment by segment and without our writer; all people are synthetic."""

from collections.abc import Sequence

from shared.kernel.money import Money

SUBMITTER = "PRACTICE"


def member(  # noqa: PLR0913 (a builder: everything has a default)
    number: str,
    claim: str = "C1",
    *,
    charges: Sequence[str] = ("100",),
    frequency: str = "1",
    payer: str = "EXHP1",
    day: str = "20261001",
    child: bool = False,
    order: str = "P",
    procedures: Sequence[str] = ("99213:25",),
    diagnosis: str = "E119",
    numbers: Sequence[str] = (),
    others: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the segments of one subscriber with one claim, from SBR on.

    **Shape**: `procedures` with their modifiers, the last one for all further lines; `numbers` are REF of the claim,
    `others` the segments of its other payers (2320).
    """
    total = sum(map(Money.of_decimal, charges), Money(0)).decimal()
    segments = [
        f"SBR*{order}*{'' if child else '18'}*******CI",
        f"NM1*IL*1*SAMPLE*ADA****MI*{number}",
        "N3*1 ELM ST",
        "N4*TAMPA*FL*336020001",
        "DMG*D8*19700515*F",
        f"NM1*PR*2*EXAMPLE PLAN*****PI*{payer}",
    ]
    if child:
        segments += [
            "HL*3*2*23*0",
            "PAT*19",
            "NM1*QC*1*SAMPLE*BEN",
            "N3*1 ELM ST",
            "N4*TAMPA*FL*336020001",
            "DMG*D8*20150515*M",
        ]
    segments += [f"CLM*{claim}*{total}***11:B:{frequency}*Y*A*Y*Y", *numbers, f"HI*ABK:{diagnosis}"]
    segments += ["NM1*82*1*DOE*ANN****XX*1987654328", *others]
    for line_no, charge in enumerate(charges, start=1):
        segments += [
            f"LX*{line_no}",
            f"SV1*HC:{procedures[min(line_no, len(procedures)) - 1]}*{charge}*UN*1***1",
            f"DTP*472*D8*{day}",
            f"REF*6R*L{line_no}",
        ]
    return tuple(segments)


def transaction_set(*members: tuple[str, ...], number: str = "0001") -> tuple[str, ...]:
    """Return one ST with members below one billing provider."""
    body = [
        f"BHT*0019*00*B{number}*20261101*1200*CH",
        f"NM1*41*2*EXAMPLE CLINIC*****46*{SUBMITTER}",
        "PER*IC*BILLING*TE*8135550100",
        "NM1*40*2*CLEARINGHOUSE*****46*SIMCLEAR",
        "HL*1**20*1",
        "NM1*85*2*EXAMPLE CLINIC*****XX*1234567893",
        "N3*100 MAIN ST",
        "N4*MIAMI*FL*331110001",
        "REF*EI*587654321",
    ]
    level = 1
    for segments in members:
        level += 1
        child = any(segment.startswith("HL*3") for segment in segments)
        body.append(f"HL*{level}*1*22*{int(child)}")
        own = level
        for segment in segments:
            if segment.startswith("HL*3"):
                level += 1
                body.append(f"HL*{level}*{own}*23*0")
            else:
                body.append(segment)
    return (f"ST*837*{number}*005010X222A1", *body, f"SE*{len(body) + 2}*{number}")


def interchange(*sets: tuple[str, ...], number: int = 1, terminator: str = "~", version: str = "00501") -> bytes:
    """Return one interchange with one group."""
    isa = (
        f"ISA*00*          *00*          *ZZ*{SUBMITTER:<15}*ZZ*{'SIMCLEAR':<15}*261101*1200*^*{version}"
        f"*{number:09d}*0*T*:"
    )
    segments = [isa, f"GS*HC*{SUBMITTER}*SIMCLEAR*20261101*1200*{number}*X*005010X222A1"]
    for each in sets:
        segments += each
    segments += [f"GE*{len(sets)}*{number}", f"IEA*1*{number:09d}"]
    return "".join(segment + terminator for segment in segments).encode()


def segments(content: bytes) -> list[list[str]]:
    """Return the elements of each segment of an answer."""
    return [segment.split("*") for segment in content.decode().split("~") if segment]
