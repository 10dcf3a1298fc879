"""The decisions that a draft leaves to a person, in words."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.drafts import Decision

# what each field is called, and what it takes to decide it
TITLES: Mapping[str, tuple[str, str]] = {
    "provider_code": ("提供方的统一社会信用代码", "the provider's unified social credit code"),
    "abstract": ("信息资源摘要", "the abstract"),
    "classification": ("信息资源分类（类、项、目、细目）", "the classification"),
    "share_type": (
        "共享类型（及条件、方式）",
        "the share type with condition and method",
    ),
    "items": ("信息项", "the items"),
    "format": ("信息资源格式", "the format"),
    "format/type": ("格式类型", "the type of the format"),
    "format/note": ("格式说明", "the note on the format"),
    "update_cycle": ("更新周期", "the update cycle"),
    "open": ("是否向社会开放", "whether it is open to the public"),
    "open_type": ("开放类型", "the open type"),
    "open_condition": ("开放条件", "the condition of opening"),
    "category_gb21063_4": ("行业分类", "the industry"),
    "name": ("信息资源名称", "the name"),
    "online_url": ("在线资源链接地址", "the address"),
}


def missing(path: str, hint: str | None = None) -> Decision:
    """Nothing that can stand there was found; `hint` is what was, and may help."""
    zh, en = TITLES[path]
    if hint:
        return Decision(
            path, f"请确定{zh}；原目录写的是“{hint}”", f"decide {en}; found: {hint}", hint
        )
    return Decision(path, f"原目录没有{zh}，请补充", f"not given: {en}; add it")


def unknown(path: str, value: str) -> Decision:
    """A spelling that no table knows; it is never guessed what it means."""
    zh, en = TITLES[path]
    return Decision(
        path,
        f"“{value}”不在规范表中，请据此确定{zh}",
        f"{value!r} is in no table of spellings; decide {en} by it",
        value,
    )


def unclear(path: str, value: str) -> Decision:
    """A spelling that is known and does not say this."""
    zh, en = TITLES[path]
    return Decision(path, f"“{value}”没有说明{zh}，请确定", f"{value!r} leaves {en} open", value)


def too_long(path: str, value: str, longest: int) -> Decision:
    """A text that no record takes whole."""
    zh, en = TITLES[path]
    return Decision(
        path, f"{zh}超过 {longest} 字，请改短", f"{en} has over {longest} characters", value
    )
