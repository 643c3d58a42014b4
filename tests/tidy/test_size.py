"""Files and functions stay of a size that one person reads in one sitting."""

import ast

from tidy_tree import python, texts

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 80


def long_files(lines_by_file: dict[str, int]) -> list[str]:
    """Sentences for files above the limit."""
    return [
        f"{name}: {lines} lines, at most {FILE_LINES_MAX}; two things live here: split where the field splits them"
        for name, lines in sorted(lines_by_file.items())
        if lines > FILE_LINES_MAX
    ]


def long_functions(name: str, tree: ast.Module) -> list[str]:
    """Sentences for functions above the limit."""
    return [
        f"{name}:{node.lineno}: {node.name} has {lines} lines, at most {FUNCTION_LINES_MAX}; name its parts"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]


def test_no_source_file_is_too_long() -> None:
    """STYLE: every .py and .js file in the project has at most 500 lines."""
    found = long_files({name: text.count("\n") for name, text in texts().items() if name.endswith((".py", ".js"))})
    assert not found, "\n" + "\n".join(found)


def test_no_function_is_too_long() -> None:
    """STYLE: every function in the project has at most 80 lines."""
    found = [sentence for name, tree in python().items() for sentence in long_functions(name, tree)]
    assert not found, "\n" + "\n".join(found)


def test_a_long_file_and_a_long_function_are_seen() -> None:
    """The two checks above can fail: one line above each limit is found, the limit itself is not."""
    body = "".join("    x = 1\n" for _ in range(FUNCTION_LINES_MAX - 1))
    assert long_functions("a.py", ast.parse(f"def f():\n{body}")) == []
    assert len(long_functions("a.py", ast.parse(f"async def f():\n{body}    x = 2\n"))) == 1
    assert len(long_files({"a.py": FILE_LINES_MAX, "b.py": FILE_LINES_MAX + 1})) == 1
