"""The one error of reading a model file."""


class ModelFileError(ValueError):
    """A file is no model that this version may read: damaged, foreign, newer, or of ill intent."""
