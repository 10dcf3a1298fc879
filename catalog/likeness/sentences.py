"""What a clerk is told of a record that is alike, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.likeness.judgement import Judged, Verdict

# names of elements that a sentence repeats; the answer lists all of them
NAMED = 5


@dataclass(frozen=True, slots=True)
class Sentence:
    zh: str
    en: str


def sentence_of(
    judged: Judged, title: str, provider: str, elements: Sequence[str], of_authority: Sequence[str]
) -> Sentence:
    """One sentence; `elements` and `of_authority` are the names of those that count."""
    if judged.verdict is Verdict.DESCRIBED_ELSEWHERE:
        return _elsewhere(judged, title, provider)
    if of_authority:
        named = _listed(of_authority)
        return _apply(
            f"{named.zh}的权威来源是{provider}，已由其「{title}」提供",
            f"{provider} is the authoritative source of {named.en} and provides it in “{title}”",
        )
    if judged.by_elements:
        named = _listed(elements)
        return _apply(
            f"数据元{named.zh}已由{provider}的「{title}」提供",
            f"{provider} provides {named.en} in “{title}” already",
        )
    return _apply(
        f"同样的数据已由{provider}以「{title}」提供（{judged.territory.zh}）",
        f"{provider} provides such data as “{title}” already ({judged.territory.value} territory)",
    )


def _apply(zh: str, en: str) -> Sentence:
    return Sentence(
        f"{zh}，请申请共享，不必重复采集；确需登记请在意见中说明",
        f"{en}; apply for it instead of collecting it again, or say in the opinion why you need to",
    )


def _elsewhere(judged: Judged, title: str, provider: str) -> Sentence:
    if judged.territory.covers:  # then it is of other years
        return Sentence(
            f"{provider}的「{title}」是同类数据的其他年份，请与其商定由一方持续提供；"
            "确需登记请在意见中说明",
            f"“{title}” of {provider} is such data of other years; agree on one of you to provide "
            "it, or say in the opinion why it is needed",
        )
    return Sentence(
        f"{provider}的「{title}」在{judged.territory.zh}有类似描述，可参照编目，不影响登记",
        f"“{title}” of {provider} describes the like for another territory; it may serve as an "
        "example, and nothing is in the way of registering",
    )


def _listed(names: Sequence[str]) -> Sentence:
    shown = names[:NAMED]
    zh = "、".join(f"“{name}”" for name in shown)
    en = ", ".join(shown)
    more = len(names) - len(shown)
    return (
        Sentence(f"{zh}等 {len(names)} 项", f"{en} and {more} more") if more else Sentence(zh, en)
    )
