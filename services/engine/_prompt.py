"""The system prompt: where the code will run, what the files are, what to bring back.

It is the same for both engines. Change its wording and `PROMPT_VERSION` has to rise, since answers
are kept under it.
"""

from services import palette
from services.engine._schema import describe_files
from services.engine.types import AttemptRequest
from services.limits.types import Environment, LimitProfile
from services.units import format_bytes

PROMPT_VERSION = "2"
_HEADLINE_CHARACTERS = 90

_ROLE = """\
You analyse data for business people, who read neither code nor logs. Answer in the language of the
question. Every figure you state has to come from the data or from a source that you name; where the
data cannot answer the question, say so and say what it can answer."""

_NO_TOOLS = """\
You cannot run code in this reply. Answer from what is described below and from the conversation.
Do not state figures that would have to be computed; say that they need a calculation."""

_OUTPUTS = """\
# What to bring back
- Save every figure as PNG and every table as CSV (UTF-8, comma, header row, no index) directly in
  the folder os.environ["OUTPUT_DIR"]; files in other folders or below it are lost. Each command has
  an output folder of its own, so save in the command that makes the result. Short lower-case names
  with hyphens, such as sales-by-region.png.
- Unless one number is all that was asked for, bring one figure and the table behind it.
- After saving a figure print one line, `ALT: <file name>: <sentence>`, with a sentence for somebody
  who cannot see it: kind of chart, axes, the finding, the extremes.
- As the last thing of every command print one line, `PEAK_MEMORY_BYTES: <whole number>`:
  peak_kb = open("/proc/self/status").read().split("VmHWM:")[1].split()[0]
  print("PEAK_MEMORY_BYTES:", int(peak_kb) * 1024)
- Print what you need to know, never whole tables: 20 rows at most."""

_CHARTS = """\
# Charts
Draw with matplotlib (matplotlib.use("Agg")). Call plt.rcParams.update with:
{style}
and set axes.prop_cycle to cycler(color={series}).
- The first colour is the subject, the second the exception, {rest} everything else.
- Title: the finding as a sentence with its number, at most 70 characters; under it, in smaller grey
  type, measure, unit and period. Where there is no finding, name the measure.
- Bars start at zero and are sorted by value, except where order has a meaning (time, age bands).
  Lines for time, bars for amounts, dots for two measures, histograms for distributions. No pie, no
  3-D, no second axis: use two panels.
- Label lines at their ends and bars at theirs; a legend only from five series on. At most six
  categories, then Other in grey, last. More than six lines: small multiples, or one in colour and
  the rest grey.
- At most seven date ticks, on real boundaries (Mondays, month starts), such as 3 Nov, the year
  once. Numbers as 1,234.5 and 34%; k and M from 10,000 on axes, never in tables.
- Draw uncertainty (band, interval bar) instead of only stating it. Missing periods are gaps, not
  zeros."""

_ANSWER = """\
# The answer
When everything is computed, answer in a few sentences. The first sentence is the headline: the
finding with its number, at most {headline} characters, plain text, and it stands alone. Then what
the figures mean, which columns were used, and what was left out, filled in or assumed (dropped
rows, blanks, samples). No code, no file paths, no HTML, no images or links, no offers of further
work."""


def system_prompt(request: AttemptRequest, profile: LimitProfile) -> str:
    """The system prompt of one request; `_schema.py` bounds how much of a file it tells."""
    runs_code = request.approach != "text"
    parts = [_ROLE]
    if runs_code:
        parts.append(_environment(profile, with_web=request.approach == "tools"))
    else:
        parts.append(_NO_TOOLS)
    if request.files and request.approach != "code":
        parts.append(describe_files(request.files, mounted=runs_code))
    if runs_code:
        parts += [_OUTPUTS, _charts()]
    parts.append(_ANSWER.format(headline=_HEADLINE_CHARACTERS))
    return "\n\n".join(parts)


def _environment(profile: LimitProfile, *, with_web: bool) -> str:
    has = profile.environment
    network = (
        "The code has no network; only your web tools reach the web."
        if with_web
        else ("There is no network, and no web.")
    )
    return "\n".join(
        (
            "# Where the code runs",
            f"- Python {has.python} with pandas {has.pandas}, numpy {has.numpy}, matplotlib "
            f"{has.matplotlib} and scikit-learn {has.scikit_learn}. Nothing can be installed.",
            *_cautions(has),
            f"- {network}",
            f"- Memory: the container is killed without a word at "
            f"{format_bytes(profile.ram_limit_bytes)}; stay below "
            f"{format_bytes(profile.ram_alert_bytes)}. Read only the columns that you need "
            "(usecols, dtype), do not copy tables, delete what is done.",
            f"- One command may run {profile.execution_limit_seconds} seconds; disk space is "
            f"{format_bytes(profile.disk_limit_bytes)}.",
            "- Run Python as `python3 - <<'PY'` … `PY`. Files stay between commands, variables do "
            "not: each command loads what it needs.",
        )
    )


def _cautions(has: Environment) -> list[str]:
    """What current habits get wrong in older versions."""
    cautions = []
    if _version(has.pandas) < (2, 1):
        cautions.append("- DataFrame.map does not exist in this pandas: use applymap.")
    if _version(has.pandas) < (2, 2):
        cautions.append('- Resample by "M", "Q", "Y" and "H"; "ME", "QE", "YE" and "h" are newer.')
    if not has.pyarrow:
        cautions.append("- pyarrow is not installed: no Parquet, no Arrow types.")
    return cautions


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2] if part.isdigit())


def _charts() -> str:
    return _CHARTS.format(
        style=palette.FIGURE_STYLE,
        series=list(palette.SERIES["light"][:6]),
        rest=palette.REST["light"],
    )
