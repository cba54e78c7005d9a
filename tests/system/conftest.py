"""What all system tests share.

Folders that other users can pass through. pytest's own are closed to them, and where no mount namespace may be made
(a container without rights), PostgreSQL's user must reach its cluster by the path as it is.
"""
import pathlib
import shutil
import tempfile

import pytest


def open_folder():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="crosspoint-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def tmp_path():
    yield from open_folder()


@pytest.fixture(scope="session")
def session_path():
    """One for the whole run of a file, for what is dear to make."""
    yield from open_folder()
