"""A command that was typed wrongly, said in Chinese first; the library says it in English alone."""

import re
from typing import cast

# Typer keeps the classes of what it raises to itself and gives out one of them.
from typer import BadParameter

from standards.identifiers.hide import without_numbers

WrongUse = cast("type[Exception]", BadParameter.__mro__[1])
"""What Typer raises of every wrong use."""

CODE = "wrong-use"


def is_call_for_help(error: Exception) -> bool:
    """Whether nothing was asked at all: then the help is shown."""
    return type(error).__name__ == "NoArgsIsHelpError"


def show_help(error: Exception) -> None:
    """Print the help that such an error carries."""
    error.show()  # type: ignore[attr-defined]


def sentences_of(error: Exception) -> tuple[str, str]:
    """What is wrong and the next step, Chinese and English; no number of a person is repeated."""
    said = without_numbers(_said(error)).rstrip(".")
    context = getattr(error, "ctx", None)
    command = "datong" if context is None else context.command_path
    zh = f"{_chinese(error)}（{said}）；用法见 {command} -h"
    return zh, f"{said}; see {command} -h"


def _said(error: Exception) -> str:
    return str(error.format_message())  # type: ignore[attr-defined]


def _chinese(error: Exception) -> str:
    quoted = re.search(r"'([^']+)'|(--?[a-z][a-z-]*)", _said(error))
    name = "" if quoted is None else without_numbers(quoted[1] or quoted[2])
    match type(error).__name__:
        case "MissingParameter":
            return f"缺少参数 {name}"
        case "NoSuchOption":
            return f"没有选项 {name}"
        case "BadParameter":
            return f"参数 {name} 的值有误"
    return f"没有命令 {name}" if "No such command" in _said(error) else "命令用法有误"
