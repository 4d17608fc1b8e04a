"""The ledger as a table to take away. All cells are ours: none begins like a formula."""

import csv
import io
from collections.abc import Sequence

from services.money.types import NumberedRow

_COLUMNS = (
    "number",
    "booked_at",
    "kind",
    "engine",
    "amount_microusd",
    "outcome",
    "estimated",
    "seconds",
    "model",
    "input_tokens",
    "output_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
    "run",
    "conversation",
    "workspace",
    "request",
    "profile",
    "price_version",
    "correlation_id",
    "key",
)


def ledger_csv(rows: Sequence[NumberedRow]) -> bytes:
    """CSV with a header, one line a row, in the order given; times in UTC, micro-dollars."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for numbered in rows:
        row, usage = numbered.row, numbered.row.usage
        writer.writerow(
            (
                numbered.number,
                row.booked_at.isoformat(),
                row.kind,
                row.engine,
                row.amount_microusd,
                row.outcome,
                "yes" if row.estimated else "no",
                row.seconds,
                row.model,
                usage.input_tokens if usage else "",
                usage.output_tokens if usage else "",
                usage.cache_write_5m_tokens if usage else "",
                usage.cache_write_1h_tokens if usage else "",
                usage.cache_read_tokens if usage else "",
                row.run_id or "",
                row.conversation_id,
                row.workspace_id or "",
                row.request_id or "",
                row.profile,
                row.price_version,
                row.correlation_id or "",
                row.key,
            )
        )
    return out.getvalue().encode()
