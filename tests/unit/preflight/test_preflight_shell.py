"""The check from a shell: one JSON object a line, whatever the file (R27)."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
FIELDS = (
    *("path", "name", "verdict", "code", "message", "kind", "mime", "size_bytes", "encoding"),
    *(
        "encoding_confidence",
        "dialect",
        "tables",
        "image",
        "findings",
        "memory",
        "reduction",
        "cost",
        "time",
    ),
    *("exact", "seconds"),
)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.preflight", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False
    )


def test_each_file_is_one_line_even_where_it_is_refused(tmp_path):
    good, bad, pipe = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "pipe.csv"
    good.write_text("region;amount\nNorth;1,5\nSouth;\n")
    bad.write_bytes(b"")
    os.mkfifo(pipe)
    done = run(good, bad, pipe, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert tuple(first) == FIELDS
    memory, cost, seconds = first.pop("memory"), first.pop("cost"), first.pop("seconds")
    time = first.pop("time")
    assert first == {
        "path": str(good),
        "name": "good.csv",
        "verdict": "fits",
        "code": "fits",
        "message": first["message"],
        "kind": "csv",
        "mime": "text/csv",
        "size_bytes": 31,
        "encoding": "utf-8",
        "encoding_confidence": 1.0,
        "dialect": {
            "delimiter": ";", "quotechar": '"', "decimal": ",", "header_row": 0, "skip_rows": 0,
        },
        "tables": [{
            "name": "good.csv", "rows": 2, "rows_exact": True,
            "columns": [
                {"name": "region", "dtype": "object", "kind": "text", "nulls": 0, "distinct": 2,
                 "min": None, "max": None, "counts_exact": True, "date_format": None},
                {"name": "amount", "dtype": "float64", "kind": "number", "nulls": 1, "distinct": 1,
                 "min": "1.5", "max": "1.5", "counts_exact": True, "date_format": None},
            ],
        }],
        "image": None,
        "reduction": None,
        "findings": [
            {"code": "blanks", "severity": "warning", "column": "amount",
             "message": "amount is empty in 50% of rows (1)."},
            {"code": "decimal_comma", "severity": "info", "column": "amount",
             "message": "amount is read as numbers with a decimal comma (1,5)."},
        ],
        "exact": True,
    }  # fmt: skip
    assert set(memory) == {
        *("peak_bytes", "low_bytes", "high_bytes", "load_bytes", "analysis_bytes"),
        *("baseline_bytes", "folk_low_bytes", "folk_high_bytes", "limit_bytes", "fits", "rough"),
        "environment",
    }
    assert memory["limit_bytes"] == 947_000_000
    assert (memory["folk_low_bytes"], memory["folk_high_bytes"]) == (4 * 31, 5 * 31)
    assert 0 < cost["low_microusd"] < cost["high_microusd"]
    assert time["low_seconds"] < time["high_seconds"]
    assert 0 < seconds < 5
    assert (second["verdict"], second["code"], second["kind"]) == ("refused", "empty_file", None)
    assert (third["verdict"], third["code"], third["memory"]) == ("refused", "not_a_file", None)


def test_name_tells_what_the_file_was_called(tmp_path):
    path = tmp_path / "spool-17"
    path.write_text('[{"a": 1}]')
    (line,) = run(path, "--json", "--name", "table.csv").stdout.splitlines()
    found = json.loads(line)
    assert (found["name"], found["kind"]) == ("table.csv", "json")
    assert [finding["code"] for finding in found["findings"]] == ["renamed"]


def test_people_get_a_sentence(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    done = run(path)
    assert done.returncode == 0
    assert "Ready. Loading it should need about" in done.stdout


def test_arguments_that_cannot_be_used_end_in_2(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    assert run(tmp_path / "missing.csv").returncode == 2
    assert run(path, "--limits", "nonsense").returncode == 2
    assert run(path, path, "--name", "x").returncode == 2
    assert run().returncode == 2


def test_limits_can_be_those_that_are_documented(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    found = json.loads(run(path, "--json", "--limits", "documented").stdout)
    assert found["memory"]["limit_bytes"] > 947_000_000


def test_what_does_not_fit_comes_with_a_way_to_make_it_fit(tmp_path):
    path = tmp_path / "large.csv"
    row = "2024-05-17,North,128.50,a remark that nobody will ever count\n"
    path.write_text("day,region,amount,remark\n" + row * (22_000_000 // len(row)))
    found = json.loads(run(path, "--json").stdout)
    assert (found["verdict"], found["code"]) == ("fits_after_reduction", "over_file_limit")
    plan = found["reduction"]
    assert {step["type"] for step in plan["steps"]} == {"keep_columns"}
    assert plan["rows"] == found["tables"][0]["rows"]
    assert plan["is_exact"]
    assert plan["size_bytes"] < 20_000_000
    assert plan["memory"]["fits"]
    assert plan["truth"].startswith("All ")
