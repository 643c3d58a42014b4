"""What decides about a contactor is small and closed: readers beside `scan` cannot change it (decision 0026)."""

import ast
from functools import cache

import pytest
from state_arrows import CONTROLLER, trees

KERNEL_ROOTS = ("scan", "remote", "journal")
INPUTS = ("metrology", "measure", "profiles")
READERS = ("ledger", "diagnosis", "advice", "guide")
DECIDING = {"scan", "transfer", "remote", "interlock"}
OWNED = {"s", "k", "m", "r"}
"""Names by which every function of the core takes device, interlock, measured values and the interlock's inputs."""


@cache
def controller() -> dict[str, ast.Module]:
    """Syntax tree of each module of the controller."""
    return trees()


def imports(tree: ast.Module) -> set[str]:
    """Modules of the controller that a module imports."""
    return {
        node.module.removeprefix("bptm.controller.")
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("bptm.controller.")
    }


def of_kind(name: str, kinds: tuple[str, ...]) -> bool:
    """Whether a module is of one of these kinds, by the first word of its name."""
    return name.split("_", maxsplit=1)[0] in kinds


def closure(modules: dict[str, ast.Module]) -> set[str]:
    """Modules that the kernel consists of."""
    found = {name for name in modules if of_kind(name, KERNEL_ROOTS)}
    while more := {name for module in found for name in imports(modules[module])} - found:
        found |= more
    return found


def written(tree: ast.Module) -> list[str]:
    """Fields of what others own that a module assigns to, and calls that count on a device's record."""
    found: list[str] = []
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        for target in targets:
            field = target.value if isinstance(target, ast.Subscript) else target
            if isinstance(field, ast.Attribute) and isinstance(field.value, ast.Name) and field.value.id in OWNED:
                found.append(f"line {target.lineno}: {ast.unparse(target)}")
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "timer" and ast.unparse(node.args[0]) in OWNED:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def breaches(modules: dict[str, ast.Module]) -> list[str]:
    """Sentences for everything that the decision forbids."""
    kernel = closure(modules)
    found = [
        f"{name}.py: the kernel imports it; a reader cannot be part of it" for name in kernel if of_kind(name, READERS)
    ]
    for name, tree in modules.items():
        if of_kind(name, READERS):
            found += [f"{name}.py: imports {other}, which decides" for other in sorted(imports(tree) & DECIDING)]
            found += [f"{name}.py, {place}: a reader writes its own record only" for place in written(tree)]
        elif name not in kernel and not of_kind(name, INPUTS) and name != "__init__":
            found.append(f"{name}.py: is neither kernel, input nor reader: name its kind (decision 0026)")
    return found


def test_readers_cannot_change_what_decides() -> None:
    """DOCS: over the syntax trees of every module of the controller."""
    found = breaches(controller())
    assert not found, "\n" + "\n".join(found)


def test_the_kernel_has_what_decides_and_nothing_that_only_reads() -> None:
    """The closure from `scan` has transfer, protection and interlock, and no metrology: it takes readings as values."""
    kernel = closure(controller())
    assert {"scan", "transfer", "protection", "interlock", "registers", "timing"} <= kernel
    assert not [name for name in kernel if of_kind(name, (*READERS, "metrology"))]
    assert len(kernel) < len(list(CONTROLLER.glob("*.py")))


@pytest.mark.parametrize(
    ("name", "source", "sentence"),
    [
        ("advice_x", "def f(s):\n    s.u_order = 1\n", "writes its own record only"),
        ("advice_x", "def f(a, m):\n    m.l1_a += 1.0\n", "writes its own record only"),
        ("guide_x", "def f(g, k):\n    k.slots[0] = 1\n", "writes its own record only"),
        ("guide_x", "def f(g, s):\n    g.t = timer(s, 1, g.t, 5, 1)\n", "writes its own record only"),
        ("ledger_x", "from bptm.controller.transfer import enter\n", "imports transfer, which decides"),
        ("wisdom", "X = 1\n", "is neither kernel, input nor reader"),
        ("transfer", "from bptm.controller.ledger import keep_ledger\n", "the kernel imports it"),
    ],
)
def test_a_breach_is_seen(name: str, source: str, sentence: str) -> None:
    """The check can fail, once for each rule."""
    modules = controller() | {"ledger": ast.parse("X = 1\n"), name: ast.parse(source)}
    assert any(sentence in breach for breach in breaches(modules))
