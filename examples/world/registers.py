"""What each department holds of the organisations: its own columns, no error yet."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from examples.world.entities import Entity
from examples.world.sightings import Row, text

_SUPERVISOR: Final = {"51": "民政局", "52": "卫生健康委员会", "53": "民政局"}


def enterprises(entities: Iterable[Entity]) -> list[Row]:
    """市场监管: enterprises, sole traders and cooperatives (first character 9)."""
    return [
        {
            "uscc": entity.uscc,
            "reg_no": entity.reg_no or None,
            "name": entity.name,
            "former_name": entity.former_name or None,
            "org_type": entity.form.org_type,
            "ent_type": entity.form.ent_type,
            "economic_type": entity.form.economic_type,
            "industry": entity.industry,
            "legal_rep_name": entity.legal_rep.name,
            "legal_rep_cert_no": entity.legal_rep.id_number,
            "address": entity.address,
            "division": entity.division,
            "business_scope": entity.business_scope,
            "capital": entity.capital or None,
            "currency": "CNY" if entity.capital else None,
            "established_on": text(entity.established_on),
            "valid_from": text(entity.established_on),
            "valid_to": text(entity.valid_to),
            "approved_on": text(entity.approved_on),
            "reg_authority": entity.reg_authority,
            "reg_status": entity.reg_status,
            "cancelled_on": text(entity.cancelled_on),
            "phone": entity.phone,
            "postcode": entity.postcode,
        }
        for entity in entities
        if entity.registrar == "9"
    ]


def social_organisations(entities: Iterable[Entity]) -> list[Row]:
    """民政: associations, civil non-enterprise units and foundations (first character 5)."""
    return [
        {
            "uscc": entity.uscc,
            "name": entity.name,
            "org_type": entity.form.org_type,
            "legal_rep_name": entity.legal_rep.name,
            "address": entity.address,
            "division": entity.division,
            "capital": entity.capital or None,
            "established_on": text(entity.established_on),
            "reg_authority": entity.reg_authority,
            "reg_status": entity.reg_status,
            "supervising_org": f"青禾市{_SUPERVISOR[entity.form.authority]}",
        }
        for entity in entities
        if entity.registrar == "5"
    ]


def taxpayers(entities: Iterable[Entity]) -> list[Row]:
    """税务: nearly everyone; its own names for the columns and its own status words."""
    return [
        {
            "taxpayer_id": entity.uscc,
            "name": entity.name,
            "address": entity.address,
            "industry": entity.industry,
            "legal_rep_name": entity.legal_rep.name,
            "tax_status": entity.tax_status,
            "tax_authority": entity.tax_authority,
            "phone": entity.phone,
        }
        for entity in entities
        if entity.form.org_type != "15"
    ]


def employers(entities: Iterable[Entity], staff: Mapping[str, str]) -> list[Row]:
    """人社: organisations that insure someone, with how many."""
    insured = Counter(staff.values())
    return [
        {
            "uscc": entity.uscc,
            "name": entity.name,
            "ss_reg_no": entity.ss_reg_no,
            "insured_count": str(insured[entity.uscc]),
            "address": entity.address,
            "phone": entity.phone,
        }
        for entity in entities
        if entity.uscc in insured
    ]
