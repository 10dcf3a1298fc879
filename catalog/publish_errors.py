"""What publication in steps refuses: sign-offs, schedule, bindings, the negative list, notices."""

from __future__ import annotations

from catalog.errors import CatalogError


class ReasonMissing(CatalogError):
    resource: str
    action: str

    ZH = "对 {resource} {action}时须写明原因；请补充原因（opinion）"
    EN = "to {action} {resource} a reason is needed; add one (opinion)"


class SecrecyUnsigned(CatalogError):
    """Nobody but who submitted it has signed the secrecy review of this very content."""

    resource: str
    version: int
    action: str

    ZH = (
        "{resource} 第 {version} 版的内容尚未通过保密审查，不能{action}；"
        "请由提供部门的部门审核员（非编写人、非提交人）先执行 sign_secrecy"
    )
    EN = (
        "the secrecy review of {resource}, version {version}, is not signed, so no {action}; "
        "a reviewer of its department who neither wrote nor submitted it does sign_secrecy first"
    )


class OwnSecrecyReview(CatalogError):
    """Who wrote a version may not say that it holds no secret."""

    account: str
    resource: str
    version: int

    ZH = (
        "{resource} 第 {version} 版由账户 {account} 编写，编写人不能自己做保密审查；"
        "请由另一账户签署"
    )
    EN = (
        "{account} wrote version {version} of {resource} and may not sign its secrecy review; "
        "another account must"
    )


class BasisMissing(CatalogError):
    """A record that is not to be shared names no legal basis."""

    resource: str
    action: str

    ZH = (
        "{resource} 的共享类型为不予共享，但未写明法律依据，不能{action}；"
        "请在 non_share_basis 中填写 basis 和 clause，或改为共享（以共享为原则）"
    )
    EN = (
        "{resource} is not to be shared but names no legal basis, so no {action}; fill in "
        "non_share_basis with basis and clause, or share it, which is the default"
    )


class PublishTimeMissing(CatalogError):
    resource: str

    ZH = "定时发布 {resource} 须写明时间；请用 --publish-at（publish_at）给出"
    EN = "to schedule {resource} takes a time; give it as --publish-at (publish_at)"


class PublishTimePast(CatalogError):
    resource: str
    publish_at: str

    ZH = "{resource} 的发布时间 {publish_at} 已过；请给出将来的时间，或直接同意发布"
    EN = "the time {publish_at} for {resource} is past; give a later one, or agree at once"


class UnfitBinding(CatalogError):
    """A kind or a target that a record of this kind is not bound to."""

    resource: str
    kind: str
    target: str
    expected_zh: str
    expected_en: str

    ZH = "{resource} 不能挂接到 {kind}：{target}；{expected_zh}"
    EN = "{resource} can not be bound to {kind} {target}: {expected_en}"


class NotBound(CatalogError):
    resource: str

    ZH = "{resource} 没有这样的挂接；请用 datong record bindings 查看"
    EN = "{resource} has no such binding; see datong record bindings"


class NotOnNegativeList(CatalogError):
    resource: str

    ZH = "{resource} 不在负面清单中，无需复核；请用 datong negative list 查看"
    EN = "{resource} is not on the negative list; see datong negative list"


class NoticeNotFound(CatalogError):
    notice: str

    ZH = "在您的通知中没有 {notice}；请用 datong notice list 查看"
    EN = "there is no notice {notice} among yours; see datong notice list"
