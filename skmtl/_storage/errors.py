"""The one error of reading a model file."""


class ModelFileError(ValueError):
    """A file is no model that this version may read: damaged, foreign, newer, or of ill intent.

    Examples
    --------
    >>> import pathlib, tempfile, skmtl
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.skmtl"
    >>> _ = path.write_bytes(b"no model")
    >>> skmtl.load(path)
    Traceback (most recent call last):
    skmtl._storage.errors.ModelFileError: ... cannot be loaded: ...
    """
