"""Import circles between igaku's modules, imports for type checkers counted: there shall be none.

python scripts/circles.py    exit 1 and the circles, one a line, where there are any
"""

import sys

import grimp


def circles() -> list[list[str]]:
    """Strongly connected groups of modules, the package root (a lazy table of names) left out."""
    graph = grimp.build_graph("igaku", exclude_type_checking_imports=False, cache_dir=None)
    names = sorted(m for m in graph.modules if m != "igaku")
    arrows = {m: [t for t in graph.find_modules_directly_imported_by(m) if t != "igaku"] for m in names}
    return [sorted(group) for group in _groups(arrows) if len(group) > 1]


def _groups(arrows: dict[str, list[str]]) -> list[list[str]]:
    """Tarjan's strongly connected components, without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    out: list[list[str]] = []
    for root in arrows:
        work = [(root, iter(arrows[root]))] if root not in index else []
        if work:
            index[root] = low[root] = len(index)
            path.append(root)
        while work:
            at, following = work[-1]
            for target in following:
                if target not in index:
                    index[target] = low[target] = len(index)
                    path.append(target)
                    work.append((target, iter(arrows[target])))
                    break
                if target in path:
                    low[at] = min(low[at], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[at])
                if low[at] == index[at]:
                    out.append([path.pop()])
                    while out[-1][-1] != at:
                        out[-1].append(path.pop())
    return out


if __name__ == "__main__":
    found = circles()
    for group in found:
        print("circle:", " <-> ".join(group))
    sys.exit(bool(found))
