"""What all system tests share."""
import pathlib
import shutil
import tempfile

import pytest


@pytest.fixture
def tmp_path():
    """A folder that other users can pass through. pytest's own is closed to them, and where no mount namespace may be
    made (a container without rights), PostgreSQL's user must reach its cluster by the path as it is."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="crosspoint-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
