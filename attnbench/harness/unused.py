"""Settings that change nothing, or the tests of one system alone: refused where the user set them.

The first are left out of what run.json tells, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from attnbench.errors import BadInput
from attnbench.harness.configure import Request, Run, defaults
from attnbench.paper import Paper, System, load
from attnbench.settings import DataSettings, Settings, override
from attnbench.values import Here, Only, rule

RULE = Only("systems that are trained", lambda here: False)
"""Of the section ``training`` for a rule, which has nothing to learn."""
SEARCH = Only("systems that search for what they write", lambda here: False)
"""Of the section ``decoding`` for a system that names those which count, and not this one."""


def refuse(asked: Request) -> None:
    """Raise ``BadInput`` for a change that has no effect on any run of a request.

    What a paper's own layers set counts for the runs that use it, and is not looked at.
    """
    for key in asked.changes:
        name, _, setting = key.rpartition(":")
        systems = [system for system in asked.systems if name in ("", system.name)]
        if not systems:
            raise BadInput(f"{key} is for a system that is not run; leave it out, or add {name} to --systems")
        own = [system for system in systems if not name and f"{system.name}:{key}" in asked.changes]
        if len(own) == len(systems):
            raise BadInput(f"{key} changes nothing here: each system has a value of its own; leave it out")
        reasons = [_reason(asked, system, setting) for system in systems if system not in own]
        if all(reasons):
            raise BadInput(_message(key, reasons[0]))


def apart(asked: Request) -> None:
    """Raise ``BadInput`` for a change of one system alone by which it would be tested on other examples.

    Its results could not be told from, and would be compared with, those of the others.
    """
    for key in asked.changes:
        name, _, setting = key.rpartition(":")
        if name and any(rule(one).tested and setting == f"data.{one.name}"
                        for one in fields(defaults(asked.paper).data)):  # fmt: skip
            raise BadInput(
                f"{key}: {name} would be tested on other examples than other systems; set {setting} for all"
            )


def _message(key: str, where: str) -> str:
    return f"{key} changes nothing here: it is for {where}; leave it out"


def _reason(asked: Request, system: System, key: str) -> str:
    """Return where alone a setting counts, if that is in no stage of this system."""
    where = ""
    for settings in (asked.settings(system, stage) for stage in (None, *system.stages)):
        only = _only(settings, key, system)
        if only is None or only.holds(Here(asked.source.kind, system.name, settings)):
            return ""
        where = only.where
    return where


def _only(settings: Settings, key: str, system: System | None = None) -> Only | None:
    """Return where alone a setting counts, if not for every system, or not for the one that is given."""
    section, _, name = key.partition(".")
    if system and section == "training" and not system.stages:
        return RULE
    counted = None if system is None else system.decoding_settings
    if section == "decoding" and counted is not None and name not in counted:
        return SEARCH
    return next(rule(one).only for one in fields(getattr(settings, section)) if one.name == name)


def told(run: Run) -> dict[str, Any]:
    """Return a run's configuration without what had no effect on it."""
    system, kind = load(run.paper).system(run.system), run.data.partition("-")[0]

    def used(settings: Settings) -> dict[str, dict[str, Any]]:
        here, found = Here(kind, run.system, settings), {}
        for section, values in settings.json().items():
            only = {name: _only(settings, f"{section}.{name}", system) for name in values}
            found[section] = {name: value for name, value in values.items()
                              if (one := only[name]) is None or one.holds(here)}  # fmt: skip
        return found

    stages = {name: used(one) for name, one in run.stages.items() if one != run.settings}
    return used(run.settings) | ({"stages": stages} if stages else {})


def of_data(paper: Paper, kind: str, changes: Mapping[str, str]) -> DataSettings:
    """Return the ``data`` settings alone; raise ``BadInput`` for a change that has no effect on them."""
    settings = override(defaults(paper), {key: value for key, value in changes.items() if ":" not in key})
    for key in changes:
        if not key.startswith("data."):
            raise BadInput(f"{key} changes nothing here: a corpus is read with data.* alone; leave it out")
        only = _only(settings, key)
        if only and not only.holds(Here(kind, "", settings)):
            raise BadInput(_message(key, only.where))
    return settings.data
