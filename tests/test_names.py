# SPDX-License-Identifier: Apache-2.0
"""One name, one thing: a class that a file makes public has the only definition of its name in the package."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

from isinglass.contents import public_names

SOURCE = Path(__file__).parents[1] / "src" / "isinglass"


def defined(source: str) -> set[str]:
    """Classes and type aliases of a file: what it defines at its top and writes in capitalized words."""
    body = ast.parse(source).body
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    targets = {t.id for node in body if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)}
    return classes | {name for name in targets if name[0].isupper() and not name.isupper()}


def defined_twice(sources: dict[str, str]) -> dict[str, list[str]]:
    """Names public in one file and defined in another as well, public there or not."""
    places, public = defaultdict(list), set()
    for path, source in sources.items():
        names = defined(source)
        public |= names & set(public_names(source))
        for name in names:
            places[name].append(path)
    return {name: where for name, where in places.items() if name in public and len(where) > 1}


def test_a_public_class_name_is_defined_once():
    assert defined_twice({str(path): path.read_text() for path in SOURCE.rglob("*.py")}) == {}


@pytest.mark.parametrize("other", ['__all__ = ["Plan"]\nclass Plan: ...', "class Plan: ...", "Plan = tuple[int, int]"])
def test_a_planted_duplicate_is_caught(other):
    files = {"driver.py": '__all__ = ["Plan"]\n\n\nclass Plan:\n    samples: int\n', "block.py": other}
    assert defined_twice(files) == {"Plan": ["driver.py", "block.py"]}


def test_a_name_that_stays_in_its_file_may_return():
    assert defined_twice({"a.py": "class State: ...", "b.py": "class State: ..."}) == {}


def is_property(function: ast.FunctionDef) -> bool:
    """Whether `@property` stands above it."""
    return any(isinstance(d, ast.Name) and d.id == "property" for d in function.decorator_list)


def also_methods(source: str) -> set[str]:
    """Parameters of constructors that are methods of the class too: a saved network would keep the method."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            methods = {
                item.name: item for item in node.body if isinstance(item, ast.FunctionDef) and not is_property(item)
            }
            if "__init__" in methods:
                arguments = methods["__init__"].args
                found |= {a.arg for a in (*arguments.args, *arguments.kwonlyargs)} & set(methods)
    return found


def test_no_parameter_of_a_constructor_is_a_method():
    assert {str(path): names for path in SOURCE.rglob("*.py") if (names := also_methods(path.read_text()))} == {}


def test_a_planted_method_of_that_name_is_caught():
    assert also_methods("class A:\n    def __init__(self, *, wide=1): ...\n    def wide(self): ...") == {"wide"}
