"""The part of a file that is about one claim begins and ends where the format says."""

from apps.console.excerpt import excerpt

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260303*1200*^*00501*000000001*0*T*:~"


def file(*segments: str) -> bytes:
    return (ISA + "~".join(segments) + "~").encode()


def test_of_an_835_it_is_one_clp() -> None:
    content = file("LX*1", "CLP*A1*1*10*8", "CAS*CO*45*2", "CLP*B2*4*5*0", "CAS*CO*50*5", "PLB*X", "SE*7*0001")

    piece = excerpt(content, "B2")

    assert (piece.first, piece.is_whole) == (5, False)
    assert piece.lines == (("CLP*B2*4*5*0", True), ("CAS*CO*50*5", False))


def test_of_an_837_it_is_the_level_of_the_claim_with_its_lines() -> None:
    content = file("HL*1**20*1", "HL*2*1*22*0", "SBR*P", "CLM*A1*10", "LX*1", "SV1*HC:99213", "HL*3*1*22*0", "CLM*B2*5")

    piece = excerpt(content, "A1")

    assert [raw for raw, _ in piece.lines] == ["HL*2*1*22*0", "SBR*P", "CLM*A1*10", "LX*1", "SV1*HC:99213"]
    assert [raw for raw, is_meant in piece.lines if is_meant] == ["CLM*A1*10"]


def test_a_file_that_does_not_name_the_claim_is_shown_from_its_beginning() -> None:
    piece = excerpt(file("TA1*000000001", "IEA*0*1"), "A1")

    assert (piece.first, piece.is_whole) == (1, True)
    assert len(piece.lines) == 3


def test_another_terminator_and_line_ends_are_read() -> None:
    content = (ISA.replace("~", "\n") + "CLP*A1*1\nCLP*B2*1\n").encode()

    assert excerpt(content, "A1").lines == (("CLP*A1*1", True),)
