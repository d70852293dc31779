"""The container: a zip of one JSON text and arrays, none of them compressed.

Since nothing is compressed, nothing can grow while it is read: what is in memory is never more than
the length of the file. A file is written under a temporary name and renamed when it is complete.
"""

import os
import re
import secrets
import stat
import struct
import zipfile
from contextlib import contextmanager
from pathlib import Path

from skmtl.exceptions import ModelFileError

MANIFEST = "skmtl.json"
_ARRAY_NAME = re.compile(r"arrays/(0|[1-9][0-9]{0,5})\.npy")
_MAX_MEMBERS = 20_000
_MAX_ENTRY = 200  # bytes of a member's entry in the directory
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same model is the same bytes


def array_name(number) -> str:
    """Return the name of an array's member."""
    return f"arrays/{number}.npy"


@contextmanager
def new_file(path):
    """Open a file that takes the place of `path` when it is complete, and not before.

    A kill at any moment leaves the old file or the new one, and perhaps a file of another name
    that ends in ``.part``.

    Parameters
    ----------
    path : str or path
        A link is followed.

    Yields
    ------
    file
        Open for writing bytes.

    Raises
    ------
    OSError
        If there is no such folder, `path` is a folder, or the disk is full. What was there before
        is unchanged.
    """
    path = Path(os.path.realpath(path))
    if path.is_dir():
        raise IsADirectoryError(f"path must be a file; {str(path)!r} is a folder.")
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"path must lie in a folder that exists; there is no {str(path.parent)!r}: create it."
        )
    part = path.with_name(f".{path.name}-{secrets.token_hex(8)}.part")
    try:
        with open(part, "xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_archive(path, members):
    """Write a model file.

    Parameters
    ----------
    path : str or path
        Where to.
    members : iterable of (str, bytes or callable)
        Name and content; a callable writes its content to a file.
    """
    with new_file(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name, _DATE)
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            with archive.open(info, "w", force_zip64=True) as member:
                if callable(content):
                    content(member)
                else:
                    member.write(content)


class ArchiveReader:
    """Reads the members of a model file, after a look at all of them.

    Parameters
    ----------
    file : file
        Open for reading bytes.
    max_bytes : int
        Largest sum of the members' sizes.

    Raises
    ------
    ModelFileError
        If the file is no zip, or has a member that `write_archive` would not have written.
    """

    def __init__(self, file, max_bytes):
        length = file.seek(0, os.SEEK_END)
        _check_directory(file, length)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
            raise ModelFileError(f"it is no complete zip file: {error}") from error
        infos = self._zip.infolist()
        self._infos = {}
        for info in infos:
            _check_member(info)
            if info.filename in self._infos:
                raise ModelFileError(f"it has two members of the name {info.filename!r}")
            self._infos[info.filename] = info
        if MANIFEST not in self._infos:
            raise ModelFileError(f"it has no member {MANIFEST!r}")
        total = sum(info.file_size for info in infos)
        if total > max_bytes:
            raise ModelFileError(f"it holds {total} bytes; max_bytes is {max_bytes}")
        if total > length:
            raise ModelFileError(f"its members claim {total} bytes, the file has {length}")
        _check_places(infos)

    @property
    def n_arrays(self) -> int:
        """Number of arrays, which are numbered from 0 without a gap."""
        n_arrays = len(self._infos) - 1
        for number in range(n_arrays):
            if array_name(number) not in self._infos:
                raise ModelFileError(f"it has {n_arrays} arrays, but no {array_name(number)!r}")
        return n_arrays

    def size(self, name) -> int:
        """Return the number of bytes of a member."""
        return self._infos[name].file_size

    def read(self, name) -> bytes:
        """Return a member's content; its checksum is compared."""
        try:
            with self._zip.open(self._infos[name]) as member:
                content = member.read(self.size(name) + 1)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise ModelFileError(f"its member {name!r} is damaged: {error}") from error
        if len(content) != self.size(name):
            raise ModelFileError(f"its member {name!r} is not complete")
        return content


def _check_directory(file, length):
    """Refuse a directory of too many members before `zipfile` makes an object of each."""
    file.seek(max(0, length - 22 - 20 - 56))
    tail = file.read()
    end = tail[-22:]
    if len(end) < 22 or end[:4] != _END or end[20:] != b"\0\0":
        raise ModelFileError("it is no complete zip file")
    n_members, n_bytes, start = struct.unpack("<HII", end[10:20])
    stop = length - 22
    if tail[-42:-38] == _LOCATOR_64:  # of large files; zipfile, too, then reads the record before
        stop -= 20 + 56
        if tail[:4] != _END_64 or struct.unpack("<Q", tail[-34:-26])[0] != stop:
            raise ModelFileError("it is no complete zip file: its directory lies elsewhere")
        n_members, n_bytes, start = struct.unpack("<QQQ", tail[32:56])
    if start + n_bytes != stop:
        raise ModelFileError("its directory lies where it should not, or it is not complete")
    if n_members > _MAX_MEMBERS or n_bytes > _MAX_ENTRY * n_members:
        raise ModelFileError(
            f"it has {n_members} members in a directory of {n_bytes} bytes; at most {_MAX_MEMBERS} "
            f"of {_MAX_ENTRY} bytes each are allowed"
        )


def _check_member(info):
    name = info.filename
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        raise ModelFileError(f"it has a member with an absolute path, {name!r}")
    if ".." in re.split(r"[/\\]", name):
        raise ModelFileError(f"it has a member that leads out of its folder, {name!r}")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise ModelFileError(f"its member {name!r} is a link or another special file")
    if name != MANIFEST and not _ARRAY_NAME.fullmatch(name):
        raise ModelFileError(f"it has a member that no model has, {name!r}")
    if info.flag_bits & 0x1:
        raise ModelFileError(f"its member {name!r} is encrypted")
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        raise ModelFileError(f"its member {name!r} is compressed, which no model is")


def _check_places(infos):
    """Refuse members that lie over each other, or anything before the first of them."""
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end or (end == 0 and info.header_offset != 0):
            raise ModelFileError(f"its member {info.filename!r} lies where it should not")
        end = info.header_offset + 30 + len(info.filename) + info.compress_size


def _sync_folder(folder):
    """Make a rename last through a power failure, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(handle)
    except OSError:  # nor do some network file systems
        pass
    finally:
        os.close(handle)
