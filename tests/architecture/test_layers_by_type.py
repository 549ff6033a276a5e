"""Layers hold for types, too: no layer takes the estimator above it as something of any kind."""

import ast

from tests.architecture.sources import nodes, sources


def test_no_function_of_the_engine_takes_a_model_of_any_kind():
    found = []
    for path in sources("automl"):
        for node in nodes(path):
            if isinstance(node, ast.FunctionDef):
                taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                found += [
                    f"{path.name}: {node.name}"
                    for each in taken
                    if each.arg == "model" and (each.annotation is None or ast.unparse(each.annotation) == "Any")
                ]
    assert found == []


def test_no_class_of_the_engine_declares_attributes_for_the_type_checker_alone():
    found = []
    for path in sources("automl"):
        for node in nodes(path):
            if isinstance(node, ast.ClassDef):
                checks = [each for each in node.body if isinstance(each, ast.If)]
                found += [f"{path.name}: {node.name}" for each in checks if "TYPE_CHECKING" in ast.unparse(each.test)]
    assert found == []
