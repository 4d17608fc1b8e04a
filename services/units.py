"""Money, sizes and durations, and the only place that formats them for people.

MB means 10^6 bytes. Money is integer micro-dollars: 1,000,000 are one US dollar.
"""

from typing import NewType

MicroUsd = NewType("MicroUsd", int)

MICROUSD_PER_USD = 1_000_000
MB = 1_000_000
GB = 1_000_000_000
NBSP = "\N{NO-BREAK SPACE}"
EN_DASH = "\N{EN DASH}"


def format_count(count: int) -> str:
    """`1,912,044`."""
    return f"{count:,}"


def format_bytes(size_bytes: float) -> str:
    """`812 bytes`, `14 kB`, `1.5 MB`, `312 MB`, `1,640 MB`, and from 10 GB on `69.5 GB`."""
    size_bytes = round(size_bytes)
    if size_bytes < 1_000:
        return f"{size_bytes}{NBSP}bytes" if size_bytes != 1 else f"1{NBSP}byte"
    if size_bytes < 999_500:
        return f"{size_bytes / 1_000:,.0f}{NBSP}kB"
    if size_bytes < 99_950_000:
        return f"{size_bytes / MB:,.1f}".removesuffix(".0") + f"{NBSP}MB"
    if size_bytes < 10 * GB:
        return f"{size_bytes / MB:,.0f}{NBSP}MB"
    return f"{size_bytes / GB:,.1f}".removesuffix(".0") + f"{NBSP}GB"


def format_megabytes(size_bytes: float) -> str:
    """Memory in whole MB: `312 MB`."""
    return f"{size_bytes / MB:,.0f}{NBSP}MB"


def format_megabytes_range(low_bytes: float, high_bytes: float) -> str:
    """`270–360`, for use beside a figure that names the unit."""
    return f"{low_bytes / MB:,.0f}{EN_DASH}{high_bytes / MB:,.0f}"


def format_money(amount_microusd: int) -> str:
    """`$41.82`; below ten cents up to three decimals, `$0.031`, `$0.05`; tinier ones all digits."""
    sign = "\N{MINUS SIGN}" if amount_microusd < 0 else ""
    usd = abs(amount_microusd) / MICROUSD_PER_USD
    if amount_microusd == 0:
        return "$0.00"
    if usd >= 0.0995:
        return f"{sign}${usd:,.2f}"
    if usd >= 0.00095:
        return f"{sign}${usd:.3f}".removesuffix("0")
    return f"{sign}${usd:.6f}".rstrip("0")


def format_money_range(low_microusd: int, high_microusd: int) -> str:
    """Two significant digits and an en dash: `$0.02–0.06`; `under $0.01` when both are."""
    if high_microusd < 10_000:
        return f"under{NBSP}$0.01"
    low, high = _two_digits(low_microusd), _two_digits(high_microusd)
    return f"${low}" if low == high else f"${low}{EN_DASH}{high}"


def _two_digits(amount_microusd: int) -> str:
    usd = amount_microusd / MICROUSD_PER_USD
    if usd >= 10:
        return f"{usd:,.0f}"
    if usd >= 1:
        return f"{usd:.1f}0"
    if usd >= 0.0995 or usd >= 0.00995:
        return f"{usd:.2f}"
    return f"{usd:.3f}"


def format_seconds(seconds: float) -> str:
    """`0.2 s`, `38 s`, `2 min 5 s`, `1 h 4 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + f"{NBSP}s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole}{NBSP}s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes}{NBSP}min" + (f" {rest}{NBSP}s" if rest else "")
    hours, rest = divmod(whole, 3600)
    return f"{hours}{NBSP}h" + (f" {rest // 60}{NBSP}min" if rest >= 60 else "")


def format_seconds_range(low_seconds: float, high_seconds: float) -> str:
    """`20–60 s`, `30 s–5 min`."""
    if high_seconds < 120:
        return f"{low_seconds:.0f}{EN_DASH}{high_seconds:.0f}{NBSP}s"
    return f"{format_seconds(low_seconds)}{EN_DASH}{format_seconds(high_seconds)}"


def format_ratio(ratio: float) -> str:
    """`1.2%`, `34%`, `under 0.1%`."""
    percent = ratio * 100
    if 0 < percent < 0.1:
        return "under 0.1%"
    if percent < 9.95:
        return f"{percent:.1f}".removesuffix(".0") + "%"
    return f"{percent:.0f}%"
