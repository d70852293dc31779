"""Word vectors from a word2vec or GloVe file, read word by word."""

import os
import threading
from functools import lru_cache

import numpy as np

_lock = threading.Lock()


class WordVectors:
    """A file of word vectors, of which only the places of the words are kept in memory.

    Parameters
    ----------
    path : str
        A word2vec text file (first line: number of words, length of a vector), a word2vec binary
        file (the same first line), or a GloVe text file (no such line).
    """

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            header = file.readline().split()
            self._is_binary = False
            if _is_header(header):
                self.dim = int(header[1])
                start = file.tell()
                self._is_binary = not _is_text_line(file.readline(), self.dim)
                file.seek(start)
            else:
                self.dim = len(header) - 1
                file.seek(0)
            if self.dim < 1 or not (self._is_binary or _is_text_line(_peek(file), self.dim)):
                raise ValueError(
                    f"text_backbone__vectors: {path!r} is no word2vec or GloVe file; its first "
                    "line must be 'number_of_words dimension' or 'word number number ...'."
                )
            self._places = dict(self._scan(file, header))

    def fill(self, matrix, words):
        """Return an embedding matrix with the vectors of the words that the file has.

        Parameters
        ----------
        matrix : ndarray of shape (n_ids, dim)
            Initial values, kept for words that the file does not have.
        words : dict of str to int
            Row of each word.

        Returns
        -------
        ndarray of shape (n_ids, dim)

        Raises
        ------
        ValueError
            If the words are not known, or the file has none of them.
        """
        if words is None:
            raise ValueError("text_backbone__vectors needs texts, not token ids, in the column.")
        matrix, found = matrix.copy(), 0
        with open(self.path, "rb") as file:
            for word, row in words.items():
                place = self._places.get(word.encode("utf-8"))
                if place is not None:
                    file.seek(place)
                    matrix[row] = self._read_vector(file, word)
                    found += 1
        if words and not found:
            raise ValueError(
                f"text_backbone__vectors: {self.path!r} has none of the {len(words)} words, such "
                f"as {next(iter(words))!r}."
            )
        return matrix

    def _read_vector(self, file, word):
        if self._is_binary:
            return np.frombuffer(file.read(4 * self.dim), "<f4")
        numbers = file.readline().split()
        if len(numbers) != self.dim:
            raise ValueError(
                f"text_backbone__vectors: {self.path!r} has {len(numbers)} numbers for {word!r} "
                f"instead of {self.dim}."
            )
        return np.array(numbers, np.float32)

    def _scan(self, file, header):
        """Yield every word with the place of its vector."""
        if not self._is_binary:
            place = file.tell()
            for line in file:
                word, _, _ = line.partition(b" ")
                yield word, place + len(word) + 1
                place += len(line)
            return
        for _ in range(int(header[0])):
            word = bytearray()
            while (character := file.read(1)) not in (b" ", b""):
                word += character
            yield bytes(word).lstrip(b"\n"), file.tell()
            file.seek(4 * self.dim, os.SEEK_CUR)


def read_word_vectors(path):
    """Return the word vectors of a file, scanned once per process.

    Parameters
    ----------
    path : str or path
        See `WordVectors`.

    Raises
    ------
    ValueError
        If there is no such file, or it holds no word vectors.
    """
    path = os.fspath(path)
    if not os.path.isfile(path):
        raise ValueError(f"text_backbone__vectors must be the path of a file; got {path!r}.")
    with _lock:
        return _read(path, os.stat(path).st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path, _modified):
    return WordVectors(path)


def _is_header(fields):
    return len(fields) == 2 and all(field.isdigit() for field in fields)


def _peek(file):
    place = file.tell()
    line = file.readline()
    file.seek(place)
    return line


def _is_text_line(line, dim):
    fields = line.split()
    try:
        return len(fields) == dim + 1 and np.isfinite(np.array(fields[1:], float)).all()
    except ValueError:
        return False
