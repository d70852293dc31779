"""Parameters that name a place to read from: a file or a folder of the machine, or a download."""

import re
from pathlib import PurePath

from skmtl.exceptions import ModelFileError, shortened

# parameters, also as options ("tokenizer__dictionary"), whose texts name a file
_FILES = {
    "dictionary",
    "folder",
    "image_folder",
    "stop_words",
    "user_words",
    "vectors",
    "vocabulary",
}
# parameters whose texts are names that a library knows, unless they do not look like one
_NAMES = {
    "image_backbone": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*"),
    "text_backbone": re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*"),
    "weights": re.compile("imagenet"),
}
# of scikit-learn's vectorizers: whether texts are names of files
_INPUTS = {"filename", "file"}
# ... whose list of stop words has a name
_LISTS = {(f"{name}Vectorizer", "stop_words", "english") for name in ("Count", "Hashing", "Tfidf")}


def check_places(owner, values):
    """Refuse values that name a place to read from.

    Parameters
    ----------
    owner : str
        Whose values they are, for the error text.
    values : dict of str to object
        Parameters or fields by name. Dicts within them are looked through, as options and as one
        value per column, and so are pairs of a name and a value.

    Raises
    ------
    ModelFileError
        If one does. The text names the parameter.
    """
    for name, value in values.items():
        if isinstance(name, str):
            _check(owner, name, value)


def _check(owner, name, value):
    if isinstance(value, dict):
        for key, part in value.items():
            _check(owner, name, part)
            if isinstance(key, str):
                _check(owner, key, part)
    elif isinstance(value, tuple):
        for part in value:
            if isinstance(part, tuple) and len(part) == 2 and isinstance(part[0], str):
                _check(owner, *part)
    elif isinstance(value, str | bytes | PurePath):
        option = name.rpartition("__")[2]
        is_name = option in _NAMES and isinstance(value, str) and _NAMES[option].fullmatch(value)
        is_file = option in _FILES or (name == "input" and value in _INPUTS)
        if (owner, name, value) in _LISTS:
            return
        if is_file or (option in _NAMES and not is_name):
            raise ModelFileError(
                f"its {owner} names a place to read from, {name}={shortened(value)}; if you trust "
                "the file, load(path, allow_paths=True) allows that"
            )
