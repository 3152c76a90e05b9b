"""We ring back Swedish fixed and mobile numbers, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.allowed_numbers import Refused, is_country, number_to_ring
from core.phone import PhoneNumber

OWN = frozenset({"0771524524", "+46101740600"})


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("070-174 06 05", "+46701740605"),  # mobile, as a person writes it
        ("+46701740699", "+46701740699"),  # as a switch writes it
        ("0046701740605", "+46701740605"),  # as dialled from abroad
        ("08-465 004 00", "+46846500400"),  # Stockholm, of the series for drama
        ("031-390 06 00", "+46313900600"),  # Gothenburg
        ("0980-31 92 00", "+46980319200"),  # Kiruna: an area code of four digits
        ("011-12 34 56", "+4611123456"),  # Norrköping begins like 112 and 118, and is neither
        ("090-12 34 56", "+4690123456"),  # Umeå begins like 0900, and is not a pay number
        ("010-174 06 05", "+46101740605"),  # tied to no place
    ],
)
def test_ordinary_swedish_numbers_are_rung(text: str, e164: str) -> None:
    assert number_to_ring(text, own_numbers=OWN) == PhoneNumber(e164)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Refused.WITHHELD),  # withheld
        ("anonymous", Refused.WITHHELD),  # as SIP says it
        ("Anonymous", Refused.WITHHELD),  # or so
        ("112", Refused.EMERGENCY),  # emergency
        ("118118", Refused.SHORT),  # directory enquiries
        ("+46118118", Refused.SHORT),  # the same in international form
        ("+46112", Refused.EMERGENCY),  # emergency in international form
        ("71160", Refused.SHORT),  # a short number for texts
        ("0046 112", Refused.EMERGENCY),  # another way to write it
        ("90 000", Refused.EMERGENCY),  # emergency, until 1996
        ("11414", Refused.SHORT),  # the police
        ("1177", Refused.SHORT),  # health care
        ("116 111", Refused.SHORT),  # children's helpline
        ("0900-123 45 67", Refused.PAY_OR_SPECIAL),  # pay number
        ("0939-123 45 67", Refused.PAY_OR_SPECIAL),  # pay number
        ("0944-123 45 67", Refused.PAY_OR_SPECIAL),  # pay number
        ("099-123 45 67", Refused.PAY_OR_SPECIAL),  # mass calls
        ("020-524 524", Refused.PAY_OR_SPECIAL),  # a free number is nobody's home
        ("077-123 45 67", Refused.PAY_OR_SPECIAL),  # shared cost
        ("0719-12 34 56", Refused.PAY_OR_SPECIAL),  # machines
        ("074-123 45 67", Refused.PAY_OR_SPECIAL),  # pagers
        ("0771-524 524", Refused.OUR_OWN),  # ourselves
        ("+46 10 174 06 00", Refused.OUR_OWN),  # ourselves, another way
        ("+870 773 123 456", Refused.FOREIGN),  # Inmarsat
        ("+881 612 345 678", Refused.FOREIGN),  # Iridium
        ("+4790012345", Refused.FOREIGN),  # Norway
        ("00358401234567", Refused.FOREIGN),  # Finland
        ("+1 900 555 0100", Refused.FOREIGN),  # pay number abroad
        ("+460701740605", Refused.NOT_A_NUMBER),  # a nought too many
        ("070-174 06", Refused.NOT_A_NUMBER),  # too short for a mobile
        ("070-174 06 055", Refused.NOT_A_NUMBER),  # too long for one
        ("010-12 34 56", Refused.NOT_A_NUMBER),  # too short for one that is nowhere
        ("031-12 34", Refused.NOT_A_NUMBER),  # too short for its area
        ("08-12", Refused.NOT_A_NUMBER),  # too short for anything
        ("0701740605%26Local/9", Refused.NOT_A_NUMBER),  # a second leg smuggled in
        ("0701740605\r\nAction: x", Refused.NOT_A_NUMBER),  # a second line smuggled in
        ("sip:x@evil.example", Refused.NOT_A_NUMBER),  # an address
        ("０７０１７４０６０５", Refused.NOT_A_NUMBER),  # full-width digits
        ("+" + "4" * 1000, Refused.NOT_A_NUMBER),  # endless
    ],
)
def test_everything_else_is_refused_with_a_reason(text: str, reason: Refused) -> None:
    assert number_to_ring(text, own_numbers=OWN) == reason


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("+4721000000", PhoneNumber("+4721000000")),  # fixed, Norway
        ("0047 400 00 000", PhoneNumber("+4740000000")),  # mobile, Norway
        ("+4782900000", Refused.PAY_OR_SPECIAL),  # pay number, Norway
        ("+47112", Refused.NOT_A_NUMBER),  # emergency there
        ("+358401234567", Refused.FOREIGN),  # a country that is not configured
        ("+881612345678", Refused.FOREIGN),  # a satellite, even if somebody has configured it
        ("+1876123456", Refused.FOREIGN),  # another country that shares a code
    ],
)
def test_of_another_country_that_is_configured_ordinary_numbers_are_rung(text: str, answer: object) -> None:
    assert number_to_ring(text, own_numbers=OWN, countries=frozenset({"46", "47", "881"})) == answer


def test_a_calling_code_is_a_countrys_or_it_is_not() -> None:
    assert is_country("46") and is_country("358")
    assert not is_country("881") and not is_country("800") and not is_country("999")


@given(st.text(max_size=50) | st.from_regex(r"\+?[0-9 -]{0,18}", fullmatch=True))
def test_whatever_is_given_only_a_swedish_number_comes_out(text: str) -> None:
    number = number_to_ring(text, own_numbers=OWN)
    if isinstance(number, PhoneNumber):
        assert number.e164.startswith("+46") and number.e164 not in OWN and number.national not in OWN
        assert not number.e164.startswith(("+46900", "+46939", "+46944", "+4699", "+4677", "+4620"))
