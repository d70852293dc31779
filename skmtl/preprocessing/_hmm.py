"""Words in a run of characters that the dictionary left single: Viterbi with back-pointers.

jieba copies the whole path for every character and state, so its time is quadratic in the
length of the run. Here each step stores one bit a state; sums and ties are taken in jieba's
order, so that the floating-point results are the same.
"""

import re

from skmtl.preprocessing._tables import HmmTable

HAN_RUN = re.compile("([\u4e00-\u9fd5]+)")
ASCII_WORD = re.compile(r"([a-zA-Z0-9]+(?:\.\d+)?%?)")
IMPOSSIBLE = -3.14e100  # jieba's log probability of what was never seen


class CharacterModel:
    """Splits runs by the most probable sequence of begin, middle, end and single."""

    def __init__(self, table: HmmTable):
        characters = set().union(*table.emission.values())
        self._emission = {
            character: tuple(table.emission[state].get(character, IMPOSSIBLE) for state in "BMES")
            for character in characters
        }
        self._start = tuple(table.start[state] for state in "BMES")
        pairs = ("EB", "SB", "BM", "MM", "BE", "ME", "ES", "SS")  # (from, to), by `to`
        self._transition = tuple(table.transition[a][b] for a, b in pairs)

    def split(self, run: str) -> list[str]:
        """Return the words of a run of characters of one block."""
        words = []
        for index, part in enumerate(HAN_RUN.split(run)):
            if index % 2:
                words += self._split_han(part)
            else:
                words += filter(None, ASCII_WORD.split(part))
        return words

    def _split_han(self, run: str) -> list[str]:
        ends_single, pointers = self._best_states(run)
        words = []
        stop = len(run)
        state = 3 if ends_single else 2
        for position in range(len(run) - 1, -1, -1):
            starts_word = state in (0, 3)
            if starts_word:
                words.append(run[position:stop])
                stop = position
            if position:
                # A word starts after a single (3) or an end (2), goes on after a middle or begin.
                second = pointers[position - 1][state]
                state = (3 if second else 2) if starts_word else (1 if second else 0)
        if stop:
            words.append(run[:stop])
        words.reverse()
        return words

    def _best_states(self, run: str) -> tuple[bool, list[tuple[bool, ...]]]:
        """Return whether the run ends in a single, and for each step which source won."""
        never = (IMPOSSIBLE,) * 4
        emission = self._emission.get
        from_e_b, from_s_b, from_b_m, from_m_m, from_b_e, from_m_e, from_e_s, from_s_s = (
            self._transition
        )
        b, m, e, s = (p + q for p, q in zip(self._start, emission(run[0], never), strict=True))
        pointers = []
        for character in run[1:]:
            emit_b, emit_m, emit_e, emit_s = emission(character, never)
            b1 = e + from_e_b + emit_b
            b2 = s + from_s_b + emit_b
            m1 = b + from_b_m + emit_m
            m2 = m + from_m_m + emit_m
            e1 = b + from_b_e + emit_e
            e2 = m + from_m_e + emit_e
            s1 = e + from_e_s + emit_s
            s2 = s + from_s_s + emit_s
            # jieba takes the larger state letter in a tie: S over E, M over B.
            pointers.append((b2 >= b1, m2 >= m1, e2 >= e1, s2 >= s1))
            b = b2 if b2 >= b1 else b1
            m = m2 if m2 >= m1 else m1
            e = e2 if e2 >= e1 else e1
            s = s2 if s2 >= s1 else s1
        return s >= e, pointers
