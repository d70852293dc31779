"""A JSON text and the arrays beside it, as one file."""

from functools import partial

from skmtl._runtime.storage.archive import MANIFEST, ArchiveReader, array_name, write_archive
from skmtl._runtime.storage.arrays import read_array, write_array
from skmtl._runtime.storage.json_text import dump_json, parse_json
from skmtl._runtime.storage.values import ValueReader, ValueWriter
from skmtl.exceptions import ForkedProcessError, ModelFileError

_MAX_REASON = 300  # characters of another library's error, which may quote all it was given


def write_values(path, values, where, write_object):
    """Write a dict of values to a file.

    Parameters
    ----------
    path : str or path
        Where to; what is there is replaced when the file is complete.
    values : dict of str to object
        To be written.
    where : str
        What the values are, for the error text.
    write_object : callable
        As of `ValueWriter`.

    Raises
    ------
    TypeError
        If a value cannot be written; nothing is then.
    """
    writer = ValueWriter(write_object)
    manifest = {name: writer.write(value, where) for name, value in values.items()}
    members = [(MANIFEST, dump_json(manifest))]
    for number, array in enumerate(writer.arrays):
        members.append((array_name(number), partial(write_array, array)))
    write_archive(path, members)


def read_values(path, read_object, check, *, max_bytes=2**40, allow_paths=True) -> dict:
    """Read what `write_values` wrote.

    Parameters
    ----------
    path : str or path
        The file.
    read_object : callable
        As of `ValueReader`.
    check : callable
        Gets the parsed JSON before anything is made of it.
    max_bytes : int, default=1 TiB
        Largest sum of the sizes of what it holds.
    allow_paths : bool, default=True
        Whether a value may be a path.

    Returns
    -------
    dict of str to object

    Raises
    ------
    ModelFileError
        If the file is not one that `write_values` wrote, whatever is wrong with it.
    OSError
        If the file cannot be read.
    """
    with open(path, "rb") as file:
        archive = ArchiveReader(file, max_bytes)
        content = archive.read(MANIFEST)
        manifest = parse_json(content)
        if type(manifest) is not dict:
            raise ModelFileError("the manifest is malformed: it is no object")
        check(manifest)
        names = [array_name(number) for number in range(archive.n_arrays)]
        arrays = [read_array(archive.read(name), name) for name in names]
    reader = ValueReader(arrays, len(content), read_object, allow_paths=allow_paths)
    try:
        values = {name: reader.read(node) for name, node in manifest.items()}
    except (ModelFileError, ForkedProcessError, MemoryError):
        raise
    except Exception as error:  # what constructors raise of wrong values is not documented
        reason = f"{type(error).__name__}: {error}"
        raise ModelFileError(f"the manifest is malformed: {reason[:_MAX_REASON]}") from error
    if reader.unused:
        raise ModelFileError(f"it has arrays of no use: {sorted(reader.unused)[:5]}")
    return values
