import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.base import identifiers, masks

LICENCES = [
    "11100000000013338W011.11430000006122244L.20230000403.001.U",
    "11100000MB03271699022.340100.000000016.001.9",
    "11100000000013338W009.11330105002500287C.2025052201.002.0",
]


@pytest.mark.parametrize("number", LICENCES)
def test_licence_numbers_of_real_certificates_check(number: str) -> None:
    *parts, check = number.split(".")
    assert identifiers.licence_check(*parts) == check


def test_licence_number_notices_one_wrong_character() -> None:
    *parts, check = LICENCES[0].split(".")
    parts[2] = "20230000404"
    assert identifiers.licence_check(*parts) != check


def test_citizen_number_of_the_standard() -> None:
    assert identifiers.is_id_card("11010519491231002X")


@pytest.mark.parametrize(
    "number",
    [
        "",
        "11010519491231002x",
        "110105194912310021",
        "11010519491331002X",
        "1101051949123100２X",
        "11010519491231002X ",
        "11010519490230002X",
    ],
)
def test_citizen_number_refused(number: str) -> None:
    assert not identifiers.is_id_card(number)


@given(st.integers(0, 16), st.integers(1, 9))
def test_citizen_number_notices_any_single_digit(place: int, shift: int) -> None:
    digits = list("11010519491231002X")
    digits[place] = str((int(digits[place]) + shift) % 10)
    assert not identifiers.is_id_card("".join(digits))


def test_credit_codes() -> None:
    assert identifiers.is_credit_code("91350100M000100Y43")
    assert not identifiers.is_credit_code("91350100M000100Y44")
    assert not identifiers.is_credit_code("91350100I000100Y43")


@given(st.integers(1, 120))
def test_random_codes_carry_their_bits_and_can_be_read_out(bits: int) -> None:
    code = identifiers.random_code(bits)
    assert len(identifiers.CODE_ALPHABET) ** len(code) >= 2**bits
    assert not set(code) & set("01OILU")
    assert identifiers.tidy_code(f" {code[:4].lower()}-{code[4:]} ") == code


def test_masks_hide_what_they_should() -> None:
    assert masks.mask_name("林志远") == "林**"
    assert masks.mask_id("11010519491231002X") == "110*************2X"
    assert masks.mask_phone("13800002607") == "138****2607"
    assert masks.mask_phone("110") == "***"
