"""Whether a template can only take as long as its text: then it needs no worker process.

Most templates are so: slots, conditions, loops over choices and examples, macros that call earlier ones. What could
grow by itself is not: products and powers, variables, loops over anything else, most filters, methods.
"""

from math import inf

from jinja2 import TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 64_000
"""Characters of such a template."""
ROUNDS, SLOT, MOST = 30, 50, 3_000_000
"""What is reckoned for a loop over choices or examples, for a slot, and for a whole template that is small."""
SEPARATOR = 32
"""Characters between joined texts."""
LISTS = frozenset(("choices", "documents", "shots", "points"))
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
    """Whether a template's work is bounded by its length and its slots, and small."""
    if len(source) > LONGEST or source.count("((") + source.count("[[") > 50 or source.count("{%") > 1000:
        return False
    try:
        tree = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True).parse(source)
        macros: dict[str, float] = {}
        for macro in tree.find_all(nodes.Macro):
            macros[macro.name] = _macro_work(macro, macros)
        return not set(macros) & {*LISTS, *TURNS} and _work(tree, macros) < MOST
    except (TemplateError, ValueError, RecursionError, MemoryError):
        return False


def _macro_work(macro: nodes.Macro, before: dict[str, float]) -> float:
    """What one call of a macro takes; it may call those that stand before it, so that none comes round again."""
    if macro.name in before or {a.name for a in macro.args} & LISTS:
        return inf
    return sum(_work(child, before) for child in macro.body)


def _work(node: nodes.Node, macros: dict[str, float]) -> float:
    """Characters and steps that a part of a template takes at most; without a bound where it could grow by itself."""
    times, own = 1, 1.0
    if isinstance(node, nodes.For):
        names = {n.name for n in node.target.find_all(nodes.Name)} | {getattr(node.target, "name", "")}
        if node.recursive or node.test or names & LISTS or not _is_list(node.iter):
            return inf
        times = ROUNDS
    elif isinstance(node, nodes.Filter):
        if node.name not in FILTERS or node.dyn_args or node.dyn_kwargs or not _is_small(node):
            return inf
    elif isinstance(node, nodes.Call):
        own = 1.0 if _is_turn(node) else macros.get(getattr(node.node, "name", ""), inf)
    elif isinstance(node, nodes.TemplateData):
        own = len(node.data)
    elif isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        own = SLOT
    elif not isinstance(node, (*PLAIN, nodes.Macro)):
        return inf
    return own + times * sum(_work(child, macros) for child in node.iter_child_nodes())


def _is_turn(node: nodes.Call) -> bool:
    """Whether a call begins a chat turn."""
    return isinstance(node.node, nodes.Name) and node.node.name in TURNS and not node.args and not node.kwargs


def _is_small(node: nodes.Filter) -> bool:
    """Whether a filter gives no more than it is given: ``map`` could apply any other, ``join`` multiplies."""
    if node.name == "map":
        return not node.args and [k.key for k in node.kwargs] == ["attribute"]
    if node.name == "join":
        given = [*node.args, *(k.value for k in node.kwargs)]
        inner = node.node.find_all(nodes.Filter) if node.node else ()
        inside = {f.name for f in (node.node, *inner) if isinstance(f, nodes.Filter)}
        short = all(isinstance(g, nodes.Const) and len(str(g.value)) <= SEPARATOR for g in given)
        return short and "join" not in inside
    return True


def _is_list(node: nodes.Node) -> bool:
    """Whether a loop goes over a list of slots."""
    name = node.name if isinstance(node, nodes.Name) else node.attr if isinstance(node, nodes.Getattr) else ""
    return name in LISTS
