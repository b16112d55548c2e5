"""The house keeps its shape: sizes, purity, scoped reads, attributed writes (templates: test_templates.py)."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("agencies", "students", "cases", "notices")
BELOW = {app: APPS[: number + 1] for number, app in enumerate(APPS)}
MAX_FILE_LINES, MAX_FUNCTION_LINES = 400, 50
# Beside the standard library, what a rule may import.
RULE_LIBRARIES = {"stdnum", "pypinyin", "rapidfuzz"}
# The standard library's doors to the clock, the disk, the network and chance.
NO_RULE = {
    "asyncio",
    "os",
    "pathlib",
    "random",
    "secrets",
    "shutil",
    "socket",
    "subprocess",
    "tempfile",
    "time",
    "urllib",
}
CLOCK = {"today", "now", "utcnow", "localdate", "localtime"}
# Words that change rows wherever they stand; `create` and `update` only after a manager or query set.
WRITES = {"save", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def _python(*folders: str) -> Iterator[Path]:
    """Every Python file under the folders, migrations left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


SOURCES = [ROOT / "manage.py", *_python("config", *APPS)]
TESTS = list(_python("tests"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in (*SOURCES, *TESTS)}


def none(faults: list[str]) -> None:
    """Fail with every fault on a line of its own."""
    assert not faults, "\n" + "\n".join(faults)


def _place(path: Path, node: ast.AST | None = None) -> str:
    line = getattr(node, "lineno", None)
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _module(app: str, name: str) -> list[Path]:
    """The files of a module of an app, be it one file or a package."""
    return [path for path in SOURCES if path.parts[len(ROOT.parts) :][0] == app and _layer(path) == name]


def _layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[1].removesuffix(".py")


def _imported(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Dotted names a module imports; `from a import b` counts as a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def test_there_is_a_house_to_look_at() -> None:
    assert len(SOURCES) > 20


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {_place(path): len(path.read_text(encoding="utf-8").splitlines()) for path in TREES}
    none([f"{place}: {lines} lines" for place, lines in lengths.items() if lines > MAX_FILE_LINES])


def test_no_function_is_longer_than_50_lines() -> None:
    long = [
        f"{_place(path, function)} {function.name}"
        for path, tree in TREES.items()
        for function in _functions(tree)
        if (function.end_lineno or 0) - function.lineno + 1 > MAX_FUNCTION_LINES
    ]
    none(long)


def test_every_module_says_its_one_job() -> None:
    silent = [_place(path) for path, tree in TREES.items() if tree.body and ast.get_docstring(tree) is None]
    none(silent)


def test_nothing_is_imported_inside_a_function() -> None:
    """Save in `ready()` of an app: it is Django's own word for "now the models may be imported"."""
    hidden = [
        _place(path, node)
        for path, tree in TREES.items()
        for function in _functions(tree)
        if not (path.name == "apps.py" and function.name == "ready")
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    none(hidden)


def test_no_module_stands_outside_the_named_ones() -> None:
    """The import contracts know the order of these names; here the folders themselves are held to the list."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(entry["layers"] for entry in contract if entry.get("containers"))
    known = set(re.findall(r"\w+", " ".join(layers))) | {"__init__", "migrations"}
    none([_place(path) for app in APPS for path in _python(app) if _layer(path) not in known])


def test_rules_import_only_what_is_pure() -> None:
    allowed_standard = sys.stdlib_module_names - NO_RULE
    impure = []
    for app in APPS:
        ours = tuple(f"{below}.{name}" for below in BELOW[app] for name in ("choices", "rules"))
        for path in _module(app, "rules"):
            for name, node in _imported(TREES[path]):
                own = any(name == prefix or name.startswith(f"{prefix}.") for prefix in ours)
                if not own and name.partition(".")[0] not in allowed_standard | RULE_LIBRARIES:
                    impure.append(f"{_place(path, node)} {name}")
    none(impure)


def test_rules_read_no_clock_and_open_no_file() -> None:
    impure = [
        _place(path, node)
        for app in APPS
        for path in _module(app, "rules")
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Attribute) and node.func.attr in CLOCK)
            or (isinstance(node.func, ast.Name) and node.func.id in {"open", "print", "input"})
        )
    ]
    none(impure)


def _public(path: Path) -> Iterator[Function]:
    return (node for node in TREES[path].body if isinstance(node, Function) and not node.name.startswith("_"))


def _writes(function: Function) -> bool:
    """Whether it changes rows by itself: a manager's or query set's writing word, an instance's save, an audit row."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "record":
            return True
        if isinstance(called, ast.Attribute):
            if called.attr in WRITES or (called.attr == "record" and ast.unparse(called.value) == "audit"):
                return True
            # dict.update and list.insert are no writes: a query set stands after a call or a manager.
            on_rows = isinstance(called.value, ast.Call) or ast.unparse(called.value).endswith(".objects")
            if called.attr in {"create", "update"} and on_rows:
                return True
    return False


def test_every_writing_action_is_keyword_only_and_says_by_whom() -> None:
    faults = []
    for app in APPS:
        for path in _module(app, "actions"):
            for function in _public(path):
                given = function.args
                names = {argument.arg for argument in given.kwonlyargs}
                positional = given.args or given.posonlyargs or given.vararg
                if ("by" in names and positional) or (_writes(function) and (positional or "by" not in names)):
                    faults.append(f"{_place(path, function)} {function.name}")
    none(faults)


def test_only_actions_write() -> None:
    """Screens, queries, tasks and commands call an action; an audit writer and job carrier stand below them."""
    readers = (
        "queries",
        "ledgers",
        "forms",
        "filters",
        "tables",
        "tasks",
        "web",
        "views",
        "api",
        "context",
    )
    writers = [
        f"{_place(path, function)} {function.name}"
        for app in APPS
        for name in readers
        for path in _module(app, name)
        for function in _functions(TREES[path])
        if _writes(function)
    ]
    none(writers)


def _unscoped(tree: ast.AST) -> Iterator[ast.Attribute]:
    """`Model.objects` (or a hidden manager) whose next word is not visible_to."""
    scoped = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "visible_to"
    }
    for node in ast.walk(tree):
        manager = isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
        if manager and id(node) not in scoped:
            yield node


def test_screens_read_through_visible_to_only() -> None:
    screens = ("views", "api", "web", "forms", "filters", "tables", "templatetags", "context")
    open_reads = [
        _place(path, node)
        for app in APPS
        for name in screens
        for path in _module(app, name)
        for node in _unscoped(TREES[path])
    ]
    none(open_reads)


def _model_shortcuts(tree: ast.AST) -> Iterator[ast.Call]:
    """get_object_or_404(Model, …): the model class itself instead of a scoped query set."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("get_"):
            first = node.args[0] if node.args else None
            if node.func.id.endswith("_or_404") and isinstance(first, ast.Name) and first.id[:1].isupper():
                yield node


def test_no_screen_fetches_by_the_bare_model() -> None:
    bare = [
        _place(path, node)
        for app in APPS
        for name in ("views", "api", "web")
        for path in _module(app, name)
        for node in _model_shortcuts(TREES[path])
    ]
    none(bare)


def _county_words() -> Iterator[str]:
    """What the county folders call themselves, their county and their plan."""
    for folder in sorted((ROOT / "fixtures" / "counties").glob("*/")):
        yield folder.name
        for name in ("county.toml", "policy.toml"):
            path = folder / name
            if path.exists():
                data = tomllib.loads(path.read_text(encoding="utf-8"))
                tables = [data, *(value for value in data.values() if isinstance(value, dict))]
                for table in tables:
                    for key in ("title", "document_number", "county", "issuer"):
                        if isinstance(table.get(key), str) and len(table[key]) > 1:
                            yield table[key]


def test_no_county_stands_in_the_code() -> None:
    words = set(_county_words())
    named = [
        f"{_place(path)} {word}" for path in SOURCES for word in words if word in path.read_text(encoding="utf-8")
    ]
    none(named)
