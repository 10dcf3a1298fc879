"""Makes the violations of rules that stand in code: a value, its place, and what would be right."""

from collections.abc import Iterable
from difflib import get_close_matches

from standards.schema_check import shown_value
from standards.violations import Severity, Violation


def error(path: str, value: object, rule: str, zh: str, en: str) -> Violation:
    """A violation that makes the document invalid; `zh`, `en` say what would be right."""
    return _violation(path, value, rule, Severity.ERROR, (zh, en))


def warning(path: str, value: object, rule: str, zh: str, en: str) -> Violation:
    """A violation to look at, which makes nothing invalid."""
    return _violation(path, value, rule, Severity.WARNING, (zh, en))


def _violation(
    path: str, value: object, rule: str, severity: Severity, right: tuple[str, str]
) -> Violation:
    zh, en = right
    shown = shown_value(value)
    return Violation(
        path=path,
        value=value,
        rule=rule,
        severity=severity,
        expected=f"{zh} / {en}",
        zh=f"{path} 的值 {shown} 不合适，应为：{zh}",
        en=f"{path} holds {shown}; right would be: {en}",
    )


def not_in_list(path: str, value: str, rule: str, known: Iterable[str], what: str) -> Violation:
    """An error for a name that nothing has; `what` names the list in both languages, e.g.
    `代码表 / code list`. It offers the nearest known names."""
    zh, en = what.split(" / ")
    near = get_close_matches(value, list(known), n=3, cutoff=0.5)
    more_zh = f"，相近的有 {'、'.join(near)}" if near else ""
    more_en = f"; nearest are {', '.join(near)}" if near else ""
    return error(path, value, rule, f"已有的{zh}{more_zh}", f"a known {en}{more_en}")
