"""Mathematics as MathML, which browsers draw by themselves: no script, no font, nothing fetched."""

import re

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml

# brackets of MathML grow by themselves
SIZES = re.compile(r"\\[bB]igg?[lrm]?(?![a-zA-Z])")


def mathml(formula, as_block=False):
    """Return a formula in LaTeX as MathML; a command that is not known ends the build."""
    formula = SIZES.sub("", formula.replace(r"\dots", r"\ldots"))
    return tex2mathml(formula, as_block=as_block)


def visit_inline(self, node):
    self.body.append(mathml(node.astext()))
    raise SkipNode


def visit_block(self, node):
    self.body.append(f'<div class="math">{mathml(node.astext(), as_block=True)}</div>')
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True}
