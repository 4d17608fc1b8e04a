"""Choices of an installation: environment, then secrets file, then defaults."""

from pathlib import Path

import pytest

from services import settings
from services.errors import InputError

NOWHERE = Path("/nonexistent/secrets.toml")


def test_defaults_use_the_local_engine():
    loaded = settings.load({}, NOWHERE)
    assert (loaded.engine, loaded.uses_claude, loaded.limits) == ("auto", False, "guide")


def test_a_key_in_the_environment_switches_to_claude():
    assert settings.load({"ANTHROPIC_API_KEY": "sk-1"}, NOWHERE).uses_claude


def test_a_blank_key_is_none():
    assert not settings.load({"ANTHROPIC_API_KEY": "  "}, NOWHERE).uses_claude


def test_local_wins_over_a_key():
    environment = {"ANTHROPIC_API_KEY": "sk-1", "DATADOCK_ENGINE": "local"}
    assert not settings.load(environment, NOWHERE).uses_claude


def test_the_environment_wins_over_the_secrets_file(tmp_path):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        'anthropic_api_key = "sk-2"\n[datadock]\nlimits = "documented"\nworkers = 3\n'
    )
    loaded = settings.load({"DATADOCK_WORKERS": "5"}, secrets)
    assert (loaded.limits, loaded.workers, loaded.uses_claude) == ("documented", 5, True)


def test_overrides_are_read_as_toml():
    environment = {"DATADOCK_LIMIT_OVERRIDES": "ram_limit_bytes = 5"}
    assert settings.load(environment, NOWHERE).limit_overrides == {"ram_limit_bytes": 5}


@pytest.mark.parametrize(
    "environment",
    [
        {"DATADOCK_NO_SUCH_SETTING": "1"},
        {"DATADOCK_TIME_SCALE": "-1"},
        {"DATADOCK_ENGINE": "both"},
        {"DATADOCK_ENGINE": "claude"},
        {"DATADOCK_LIMIT_OVERRIDES": "x = = 1"},
    ],
    ids=str,
)
def test_what_can_not_be_used_is_refused_with_a_sentence(environment):
    with pytest.raises(InputError) as refusal:
        settings.load(environment, NOWHERE)
    assert refusal.value.message.what_happened.endswith(".")


def test_a_key_is_never_shown():
    loaded = settings.load({"ANTHROPIC_API_KEY": "sk-secret"}, NOWHERE)
    assert "sk-secret" not in repr(loaded)
