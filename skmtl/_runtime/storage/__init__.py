"""Values and arrays in one file, without pickle, written at once or not at all."""

from skmtl._runtime.storage.archive import new_file
from skmtl._runtime.storage.files import read_values, write_values
from skmtl._runtime.storage.values import no_such_object
from skmtl.exceptions import ModelFileError

__all__ = ["ModelFileError", "new_file", "no_such_object", "read_values", "write_values"]
