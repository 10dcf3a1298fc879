"""Makers of documents: a test leaves only what it is about."""

from standards.code_lists import CodeLists, load_code_lists
from standards.record_check import check_record
from standards.violations import Violation

PROVIDER = "12100000400000624D"  # a vector of GB 32100-2015
Document = dict[str, object]


def code_lists() -> CodeLists:
    return load_code_lists()


def an_item(**facts: object) -> Document:
    return {"id": "name", "name": "姓名", "data_type": "C", "length": 50, **facts}


def a_record(**facts: object) -> Document:
    document: Document = {
        "resource_id": "hukou-person",
        "name": "户籍人口信息",
        "provider_code": PROVIDER,
        "provider_name": "某市公安局",
        "abstract": "户籍人口的基本信息",
        "classification": {"lei": "3", "xiang": "07", "mu": "001", "ximu": ""},
        "format": {"category": 2, "type": "csv"},
        "items": [an_item()],
        "share_type": 1,
        "share_method": "platform",
        "open": False,
        "update_cycle": "monthly",
        **facts,
    }
    return {key: value for key, value in document.items() if value is not ...}


def faults(document: Document) -> dict[str, Violation]:
    """The violations of a record by their rules."""
    return {found.rule: found for found in check_record(document, code_lists())}
