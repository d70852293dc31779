"""Values and arrays in one file, without pickle, written at once or not at all."""

from skmtl._storage.archive import new_file
from skmtl._storage.errors import ModelFileError
from skmtl._storage.files import read_values, write_values
from skmtl._storage.values import no_such_object

__all__ = ["ModelFileError", "new_file", "no_such_object", "read_values", "write_values"]
