"""Whether a template can only take as long as its text: then it needs no worker process.

Most templates are so: slots, conditions, loops over choices and examples. What could grow by itself is not: arithmetic
but plus and minus, texts put together outside the output, loops over anything else, macros, most filters, methods.
"""

from jinja2 import TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 64_000
"""Characters of such a template."""
DEEPEST = 2
"""Loops inside each other: the choices of each example."""
SEPARATOR = 32
"""Characters between joined texts."""
LISTS = ("choices", "documents", "shots", "points")
TURNS = ("system", "user", "assistant")
FILTERS = ("first", "last", "length", "list", "join", "map", "upper", "lower", "trim", "default", "d", "string", "int")
PLAIN = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem),
    *(
        nodes.Keyword,
        nodes.If,
        nodes.CondExpr,
        nodes.Compare,
        nodes.Operand,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.Test,
    ),
    *(nodes.Add, nodes.Sub, nodes.Concat, nodes.Slice),
)


def is_simple(source: str) -> bool:
    """Whether a template's time and text are bounded by its length and its slots."""
    if len(source) > LONGEST or source.count("((") + source.count("[[") > 50 or source.count("{%") > 1000:
        return False
    try:
        tree = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).parse(source)
        return _is_plain(tree, 0)
    except (TemplateError, ValueError, RecursionError, MemoryError):
        return False


def _is_plain(node: nodes.Node, depth: int) -> bool:
    if isinstance(node, nodes.For):
        depth += 1
        if depth > DEEPEST or node.recursive or node.test or not _is_list(node.iter):
            return False
    elif isinstance(node, nodes.Filter):
        if node.name not in FILTERS or node.dyn_args or node.dyn_kwargs or not _is_small(node):
            return False
    elif isinstance(node, nodes.Call):
        if not (isinstance(node.node, nodes.Name) and node.node.name in TURNS and not node.args and not node.kwargs):
            return False
    elif not isinstance(node, PLAIN):
        return False
    return all(_is_plain(child, depth) for child in node.iter_child_nodes())


def _is_small(node: nodes.Filter) -> bool:
    """Whether a filter gives no more than it is given: ``map`` could apply any other, ``join`` multiplies."""
    if node.name == "map":
        return not node.args and [k.key for k in node.kwargs] == ["attribute"]
    if node.name == "join":
        given = [*node.args, *(k.value for k in node.kwargs)]
        inner = node.node.find_all(nodes.Filter) if node.node else ()
        inside = {f.name for f in (node.node, *inner) if isinstance(f, nodes.Filter)}
        short = all(isinstance(g, nodes.Const) and len(str(g.value)) <= SEPARATOR for g in given)
        return short and not inside & {"join", "list", "string"}
    return True


def _is_list(node: nodes.Node) -> bool:
    """Whether a loop goes over a list of slots."""
    name = node.name if isinstance(node, nodes.Name) else node.attr if isinstance(node, nodes.Getattr) else ""
    return name in LISTS
