"""Which engine answers, under which limits, in which versions. No secret is ever shown."""

from collections.abc import Sequence

import streamlit as st

from components import safe_text
from components.composer import ABOUT_LOCAL_ENGINE, LOCAL_ENGINE
from services import wording
from services.ids import UserId
from services.limits.types import Billing, LimitProfile
from services.money.types import EngineKind
from services.units import format_bytes, format_megabytes, format_money_range, format_seconds


def engine_panel(*, engine: EngineKind, model_label: str, environment: str) -> None:
    """Draw who answers; `environment` is where the code runs (`pandas 1.5.3`)."""
    with st.container(border=True):
        st.subheader("Engine", anchor=False)
        if engine == "local":
            st.badge(LOCAL_ENGINE, icon=":material/memory:", color="gray")
            st.caption(ABOUT_LOCAL_ENGINE)
            st.caption("To use Claude, set the key on the server. It is never shown here.")
        else:
            st.badge("Claude", icon=":material/auto_awesome:", color="violet")
        model = "Costs are those of" if engine == "local" else "Model"
        st.markdown(
            f"**{model}** · {safe_text.label(model_label)}  \n"
            f"**Code runs with** · {safe_text.label(environment)}"
        )


def visitor_panel(user: UserId, standing: str) -> None:
    """Draw who is asking, by the id that names operators; `standing` is ready wording."""
    with st.container(border=True):
        st.subheader("You", anchor=False)
        st.caption("Your id, as this browser's cookie tells it:")
        st.code(user, language=None)
        st.caption(safe_text.label(standing))


def profile_panel(profile: LimitProfile, *, changed: frozenset[str] = frozenset()) -> None:
    """Draw the limits in force; `changed` names the fields that this installation overrides."""
    rows = _profile_rows(profile)
    with st.container(border=True):
        st.subheader(f"Limits: {safe_text.label(profile.name)}", anchor=False)
        st.caption(
            safe_text.label(f"{profile.source}, as of {wording.costs.spoken_day(profile.as_of)}.")
        )
        lines = ["| Limit | Value |", "| :-- | :-- |"]
        for name, value, fields in rows:
            mark = " :orange-badge[changed]" if changed & set(fields) else ""
            lines.append(f"| {safe_text.label(name)} | {safe_text.label(value)}{mark} |")
        st.markdown("\n".join(lines))


def versions_line(versions: Sequence[tuple[str, str]]) -> None:
    """Draw names and versions in one grey line: `Datadock 0.1.0 · Streamlit 1.67.0`."""
    st.caption(" · ".join(safe_text.label(f"{name} {version}") for name, version in versions))


def _profile_rows(profile: LimitProfile) -> list[tuple[str, str, tuple[str, ...]]]:
    """Name, value, and the fields that it is made of."""
    installed = profile.environment
    return [
        (
            "Memory limit",
            f"{format_megabytes(profile.ram_spoken_bytes)}; code is stopped at"
            f" {format_megabytes(profile.ram_limit_bytes)}",
            ("ram_limit_bytes", "ram_spoken_bytes"),
        ),
        (
            "Memory alert and warning",
            f"{format_megabytes(profile.ram_alert_bytes)} and"
            f" {format_megabytes(profile.ram_warn_bytes)}",
            ("ram_alert_bytes", "ram_warn_bytes"),
        ),
        ("Disk", format_bytes(profile.disk_limit_bytes), ("disk_limit_bytes",)),
        (
            "Longest life of a container",
            f"{format_seconds(profile.container_lifetime_seconds)}, at risk from"
            f" {format_seconds(profile.container_at_risk_after_seconds)}",
            ("container_lifetime_seconds", "container_at_risk_after_seconds"),
        ),
        ("Container rate", _rate(profile.billing), ("billing",)),
        (
            "Containers at once",
            f"{profile.concurrent_containers:,} per key",
            ("concurrent_containers",),
        ),
        (
            "File that can be sent",
            f"{format_bytes(profile.file_limit_bytes)}"
            f" ({format_bytes(profile.practical_file_limit_bytes)} in practice)",
            ("file_limit_bytes", "practical_file_limit_bytes"),
        ),
        (
            "File that can be checked",
            format_bytes(profile.check_limit_bytes),
            ("check_limit_bytes",),
        ),
        (
            "Answer given up after",
            format_seconds(profile.request_timeout_seconds),
            ("request_timeout_seconds",),
        ),
        (
            "One step of code takes at most",
            format_seconds(profile.execution_limit_seconds),
            ("execution_limit_seconds",),
        ),
        (
            "Counted as slow from",
            format_seconds(profile.slow_run_alert_seconds),
            ("slow_run_alert_seconds",),
        ),
        (
            "Installed in a container",
            f"Python {installed.python}, pandas {installed.pandas}, numpy {installed.numpy},"
            f" matplotlib {installed.matplotlib}",
            ("environment",),
        ),
    ]


def _rate(billing: Billing) -> str:
    hourly = billing.rate_microusd_per_hour
    rate = f"{format_money_range(hourly, hourly)} per hour"
    if billing.rule == "lifetime":
        return f"{rate}, from first use to its end"
    return (
        f"{rate}, per execution of at least {format_seconds(billing.minimum_seconds)},"
        f" {billing.free_hours_per_month:,} hours a month free"
    )
