"""One small sample world, and one home after the main job, for all tests from end to end."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.chain import Chain, SampleWorld, do_the_main_job, environment_of, make_world


@pytest.fixture(scope="session")
def sample_world(tmp_path_factory: pytest.TempPathFactory) -> SampleWorld:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def on_a_folder(tmp_path_factory: pytest.TempPathFactory, sample_world: SampleWorld) -> Chain:
    """The main job on the embedded default. Shared: a test that changes it takes `a_copy`."""
    return do_the_main_job(tmp_path_factory.mktemp("home"), sample_world)


@pytest.fixture
def a_copy(on_a_folder: Chain, tmp_path: Path) -> Chain:
    """The same home once more, without its lake, to be spoiled: it answers lookups alone."""
    home = tmp_path / "home"
    shutil.copytree(on_a_folder.home, home, ignore=shutil.ignore_patterns("lake", "logs"))
    return replace(on_a_folder, home=home, environment=environment_of(home))
