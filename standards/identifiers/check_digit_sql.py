"""The check digits as DuckDB arithmetic: many characters side by side in one BIGINT.

A hexadecimal cast packs digits four bits apart, `hex()` packs any characters eight bits apart.
Masks then work on all of them at once: values from characters, weighted sums of neighbours. Nothing
overflows, as at most 60 bits are filled; what is no number becomes NULL.
"""

_EVEN_NIBBLES = 0x0F0F0F0F0F0F0F0F
_EVEN_BYTES = 0x00FF00FF00FF00FF
_CITIZEN_CHECKS = "10X98765432"
_ORG_CHECKS = "0X987654321"
# Where the values of GB 32100 lag behind ASCII: after 9, and after the left out I, O, S, V.
_USCC_STEPS = ((ord("A"), 7), (ord("J"), 1), (ord("P"), 1), (ord("T"), 1), (ord("W"), 1))
_ORG_STEPS = ((ord("A"), 7),)


def citizen_check_sql(expr: str) -> str:
    """BOOLEAN: the 18th character is that of ISO 7064 MOD 11-2; weights are powers of 2."""
    first15 = _doubling_sum(f"substr({expr}, 1, 15)")
    tail = f"4 * {_digit(expr, 16)} + 2 * {_digit(expr, 17)}"
    total = f"9 * ({first15} % 11) + {tail}"
    return f"substr({expr}, 18, 1) = {_check_of(total, _CITIZEN_CHECKS)}"


def citizen_upgraded_sql(expr: str) -> str:
    """VARCHAR: 15 digits with the century 19 and a check character; the 19 itself weighs 11."""
    region, rest = f"substr({expr}, 1, 6)", f"substr({expr}, 7, 9)"
    total = f"9 * ({_doubling_sum(region)} % 11) + 3 * ({_doubling_sum(rest)} % 11)"
    return f"{region} || '19' || {rest} || {_check_of(total, _CITIZEN_CHECKS)}"


def _doubling_sum(digits: str) -> str:
    """Up to 15 digits, each weighing half of the one before it, modulo 11.

    Turned round, a byte of two digits weighs 256 = 3 times the byte to its right, modulo 11, which
    is a quarter (4 * 3 = 12 = 1), as two halvings demand: so the packed pairs are their own sum,
    up to a power of 2 that depends on the place of the first digit.
    """
    packed = f"try_cast('0x' || reverse({digits}) AS BIGINT)"
    return f"(2 * ({packed} & {_EVEN_NIBBLES}) + (({packed} >> 4) & {_EVEN_NIBBLES}))"


def _digit(expr: str, place: int) -> str:
    return f"(ascii(substr({expr}, {place}, 1)) - 48)"


def _check_of(total: str, characters: str) -> str:
    return f"substr('{characters}', (1 + ({total}) % 11)::INTEGER, 1)"


def uscc_check_sql(expr: str) -> str:
    """BOOLEAN: GB 32100, weights 3^(i-1) modulo 31, the sum with the check character is 0.

    Three chunks of six characters; 3^6 = 16, 3^12 = 8, and the last character, reached with
    3^17 = 22, is brought to weight 1 by 10 more (32 = 1 modulo 31).
    """
    first, second, third = (_uscc_values(expr, start) for start in (1, 7, 13))
    total = (
        f"{_tripling_sum(first)} + 16 * {_tripling_sum(second)} + 8 * {_tripling_sum(third)}"
        f" + 10 * ({third} & 255)"
    )
    return f"({total}) % 31 = 0"


def _uscc_values(expr: str, start: int) -> str:
    return _values(_packed(expr, start, 6), 6, _USCC_STEPS)


def _tripling_sum(values: str) -> str:
    """Six values, each weighing three times the one before it."""
    pairs = f"((({values}) >> 8) & {_EVEN_BYTES}) + 3 * (({values}) & {_EVEN_BYTES})"
    return f"((({pairs}) >> 32) + 9 * ((({pairs}) >> 16) & 65535) + 81 * (({pairs}) & 65535))"


def org_code_check_sql(expr: str, start: int = 1) -> str:
    """BOOLEAN: GB 11714 on nine characters from `start`; its weights 3 7 9 10 5 8 4 2 are the
    powers of 2 from 2^8 down to 2^1, modulo 11."""
    first, second = (
        _halving_sum(_values(_packed(expr, place, 4), 4, _ORG_STEPS))
        for place in (start, start + 4)
    )
    total = f"32 * {first} + 2 * {second}"
    return f"substr({expr}, {start + 8}, 1) = {_check_of(total, _ORG_CHECKS)}"


def _halving_sum(values: str) -> str:
    """Four values, each weighing half of the one before it."""
    pairs = f"2 * ((({values}) >> 8) & {_EVEN_BYTES}) + (({values}) & {_EVEN_BYTES})"
    return f"(4 * (({pairs}) >> 16) + (({pairs}) & 65535))"


def _packed(expr: str, start: int, count: int) -> str:
    return f"try_cast('0x' || substr(hex({expr}), {2 * start - 1}, {2 * count}) AS BIGINT)"


def _values(packed: str, count: int, steps: tuple[tuple[int, int], ...]) -> str:
    """Values from ASCII bytes: less 48, and less each step that lies at or below the byte.

    A byte of at least `limit` carries into its top bit when 128 - limit is added.
    """
    ones = int("01" * count, 16)
    taken = "".join(
        f" - {step} * ((({packed} + {ones * (128 - limit)}) & {ones * 128}) >> 7)"
        for limit, step in steps
    )
    return f"{packed} - {ones * 48}{taken}"


def reg_no_check_sql(expr: str) -> str:
    """BOOLEAN: GS 15 by ISO 7064 MOD 11,10, a recursion over the digits with no shorter sum."""
    packed = f"try_cast('0x' || substr({expr}, 1, 15) AS BIGINT)"
    digits = [f"(({packed} >> {4 * place}) & 15)" for place in range(14, -1, -1)]
    product = "10"
    for digit in digits[:14]:
        product = f"((({product} + {digit} + 9) % 10 + 1) * 2 % 11)"
    return f"({product} + {digits[14]}) % 10 = 1"
