"""Choices of an installation: environment, then secrets file, then defaults."""

import re
from pathlib import Path

import pytest

from services import settings
from services.errors import InputError, Message
from services.settings import Settings, _sentences

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


OPERATORS = ("u-" + "a" * 32, "u-" + "0" * 32)


def test_operators_are_separated_by_commas_or_listed(tmp_path):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(f"[datadock]\noperators = {list(OPERATORS)}\n")
    separated = {"DATADOCK_OPERATORS": f" {OPERATORS[0]}, {OPERATORS[1]},"}
    assert settings.load(separated, NOWHERE).operators == frozenset(OPERATORS)
    assert settings.load({}, secrets).operators == frozenset(OPERATORS)
    assert settings.load({"DATADOCK_OPERATORS": ""}, NOWHERE).operators == frozenset()


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DATADOCK_TIME_SCALE", "-1", "can't be used: it must be a number above 0."),
        ("DATADOCK_TIME_SCALE", "inf", "can't be used: it must be a number above 0."),
        ("DATADOCK_ENGINE", "both", "can't be used: it must be auto, claude or local."),
        ("DATADOCK_LOG_FORMAT", "xml", "can't be used: it must be text or json."),
        ("DATADOCK_SECURE_COOKIES", "maybe", "can't be used: it must be true or false."),
        ("DATADOCK_WORKERS", "many", "can't be used: it must be a whole number from 1 to 64."),
        ("DATADOCK_WORKERS", "65", "can't be used: it must be a whole number from 1 to 64."),
        (
            "DATADOCK_OPERATORS",
            "ada",
            "can't be used: it must hold user ids as Settings & health shows them, u- and"
            " 32 characters each, separated by commas.",
        ),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(name, value, sentence):
    with pytest.raises(InputError) as refusal:
        settings.load({name: value}, NOWHERE)
    setting = name.removeprefix("DATADOCK_").lower()
    assert refusal.value.message == Message(
        what_happened=f"The setting {setting!r} {sentence}",
        what_to_do="Correct it in the environment or in .streamlit/secrets.toml.",
    )


def test_every_setting_has_its_sentence():
    """Whatever is wrong with any of them: nothing of a library's, and nothing of the value."""
    for name, field in Settings.model_fields.items():
        given = str(field.validation_alias or name)
        assert re.fullmatch(
            rf"The setting '{given}' can't be used: it must [^\n]+\.",
            _sentences.wrong_value(given).what_happened,
        )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("DATADOCK_WORKER", "There is no setting 'worker'. Did you mean 'workers'?"),
        ("DATADOCK_QQQ", "There is no setting 'qqq'."),
    ],
)
def test_an_unknown_name_is_told_with_the_closest(name, sentence):
    with pytest.raises(InputError) as refusal:
        settings.load({name: "1"}, NOWHERE)
    assert refusal.value.message.what_happened == sentence


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"DATADOCK_ENGINE": "claude"},
            "The engine is set to Claude, but there is no API key.",
        ),
        (
            {"DATADOCK_LIMIT_OVERRIDES": "x = = 1"},
            "DATADOCK_LIMIT_OVERRIDES is not valid TOML.",
        ),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_refused_with_a_sentence(environment, sentence):
    with pytest.raises(InputError) as refusal:
        settings.load(environment, NOWHERE)
    assert refusal.value.message.what_happened == sentence


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("[datadock\n", "The secrets file is not valid TOML."),
        ("datadock = 1\n", "In the secrets file, datadock has to be a table of settings."),
    ],
)
def test_a_secrets_file_that_can_not_be_used_is_told(tmp_path, written, sentence):
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(written)
    with pytest.raises(InputError) as refusal:
        settings.load({}, secrets)
    assert refusal.value.message.what_happened == sentence


def test_a_key_is_never_shown():
    loaded = settings.load({"ANTHROPIC_API_KEY": "sk-secret"}, NOWHERE)
    assert "sk-secret" not in repr(loaded)
