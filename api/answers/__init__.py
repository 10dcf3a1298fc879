"""The answers of the application, in the shapes that HTTP sends and `--json` prints."""

from api.answers.base import Answer, Moment, in_china
from api.answers.deliveries import (
    DeliveryAnswer,
    JobAnswer,
    JobOfDelivery,
    Reason,
)
from api.answers.organisation import (
    AccountAnswer,
    DepartmentAnswer,
    ProvisionAnswer,
    RevocationAnswer,
)
from api.answers.records import (
    RecordAnswer,
    RecordStateAnswer,
    RecordSummary,
)
from api.answers.views import (
    CellAnswer,
    DifferenceAnswer,
    GrantAnswer,
    LookupAnswer,
    ViewVersionAnswer,
)

__all__ = [
    "AccountAnswer",
    "Answer",
    "CellAnswer",
    "DeliveryAnswer",
    "DepartmentAnswer",
    "DifferenceAnswer",
    "GrantAnswer",
    "JobAnswer",
    "JobOfDelivery",
    "LookupAnswer",
    "Moment",
    "ProvisionAnswer",
    "Reason",
    "RecordAnswer",
    "RecordStateAnswer",
    "RecordSummary",
    "RevocationAnswer",
    "ViewVersionAnswer",
    "in_china",
]
