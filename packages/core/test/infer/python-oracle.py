"""What CPython's own parser finds in files: the truth our lexer is compared with.

Reads file names from standard input, one a line, and prints one JSON line for each: [name, imports or null].
An import is [module, level, line, names, optional]; null stands for a file that this Python cannot parse.
"""

import ast
import json
import re
import sys
import warnings

warnings.simplefilter("ignore")
sys.setrecursionlimit(100_000)

NEVER = re.compile(
    r"^(\w+\.)?TYPE_CHECKING$|^sys\.platform == '(win32|darwin|cygwin)'$|^(sys\.)?platform\.startswith\('(win|darwin)'\)$"
    r"|^os\.name == 'nt'$|^platform\.system\(\) == '(Windows|Darwin)'$"
    r"|^(six\.)?PY2$|^(sys\.)?version_info(\[0\]|\.major) (== 2|< 3)$|^(sys\.)?version_info < \(3, (\d|10)\)$"
)


def callee(node):
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def dynamic(node):
    """(module, level) of a call of import_module or __import__ with a plain literal."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    if callee(node.func) not in ("import_module", "importlib.import_module", "__import__", "builtins.__import__"):
        return None
    first = node.args[0]
    if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
        return None
    found = re.fullmatch(r"(\.*)((?:[^\W\d]\w*\.)*[^\W\d]\w*)", first.value)
    return (found[2], len(found[1])) if found else None


def is_import(node):
    return isinstance(node, (ast.Import, ast.ImportFrom)) or dynamic(node) is not None


def caught(handler):
    text = "" if handler.type is None else ast.unparse(handler.type)
    if re.search(r"\b(ImportError|ModuleNotFoundError)\b", text):
        return "by-name"
    return "by-all" if text == "" or re.search(r"\b(Exception|BaseException)\b", text) else None


def only_imports(body):
    def harmless(node):
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
            return True
        return (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Constant)
            and (node.value.value is None or isinstance(node.value.value, bool))
        )

    return all(harmless(node) for node in body)


def exits(body):
    """A statement of these blocks gives up; functions, nested tries and branches that never run do not count."""
    for node in body:
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            if callee(node.value.func) in ("exit", "sys.exit", "quit", "os._exit"):
                return True
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Try)) or skipped(node):
            if isinstance(node, ast.If) and exits(node.orelse):
                return True
            if isinstance(node, ast.Try) and exits(node.finalbody):
                return True
            continue
        for field in ("body", "orelse"):
            if exits(getattr(node, field, [])):
                return True
        for case in getattr(node, "cases", []):
            if exits(case.body):
                return True
    return False


def skipped(node):
    if isinstance(node, ast.If):
        return NEVER.match(ast.unparse(node.test)) is not None
    return isinstance(node, ast.With) and re.match(
        r"(\w+\.)?suppress\(.*\b(ImportError|ModuleNotFoundError)\b", ast.unparse(node.items[0].context_expr)
    )


def guarding(node):
    handlers = [(h, caught(h)) for h in node.handlers]
    first = next((kind for _, kind in handlers if kind), None)
    if first is None or any(kind and exits(h.body) for h, kind in handlers):
        return False
    return first == "by-name" or only_imports(node.body)


def scan(tree):
    out = []

    def visit(node, optional):
        if isinstance(node, ast.JoinedStr):
            return  # the lexer reads no calls inside literals
        if isinstance(node, ast.Import):
            out.extend([alias.name, 0, node.lineno, [], optional] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            out.append([node.module or "", node.level, node.lineno, [alias.name for alias in node.names], optional])
        elif (found := dynamic(node)) is not None:
            out.append([found[0], found[1], node.func.end_lineno, [], optional])
        if isinstance(node, (ast.Try, getattr(ast, "TryStar", ast.Try))):
            return visit_try(node, optional)
        if skipped(node):
            each(node.body, True)
            each(getattr(node, "orelse", []), optional)
            return
        each(ast.iter_child_nodes(node), optional)

    def each(nodes, optional):
        for node in nodes:
            visit(node, optional)

    def visit_try(node, optional):
        guarded = guarding(node)
        each(node.body, optional or guarded)
        for handler in node.handlers:
            each(handler.body, optional or guarded)
        each(node.orelse, optional or guarded)
        each(node.finalbody, optional)

    visit(tree, False)
    return sorted(out, key=lambda row: row[2])


for name in sys.stdin:
    name = name.rstrip("\n")
    try:
        with open(name, "rb") as file:
            found = scan(ast.parse(file.read()))
    except Exception:
        found = None
    print(json.dumps([name, found]))
