"""The truth as tables whose columns are named like the attributes of the base views."""

from collections.abc import Mapping

from examples.world.entities import Entity
from examples.world.persons import Person
from examples.world.sightings import text


def person_truth(person: Person, employers: Mapping[str, str]) -> dict[str, str]:
    """One person, every attribute as text, empty where there is none."""
    return {
        "id_number": person.id_number,
        "name": person.name,
        "former_name": person.former_name,
        "sex": person.sex,
        "ethnicity": person.ethnicity,
        "birth_date": text(person.birth_date) or "",
        "birth_place": person.birth_place,
        "native_place": person.native_place,
        "hukou_division": person.hukou_division,
        "hukou_address": person.hukou_address,
        "hukou_type": person.hukou_type,
        "household_no": person.household_no,
        "relation_to_head": person.relation_to_head,
        "residence_division": person.residence_division,
        "residence_address": person.residence_address,
        "marital_status": person.marital_status,
        "education": person.education,
        "employment_status": person.employment_status,
        "insured_employer": employers.get(person.id_number, "") if person.alive else "",
        "phone": person.phone,
        "death_date": text(person.death_date) or "",
        "death_cause": person.death_cause,
        "person_status": person.status,
    }


def entity_truth(entity: Entity) -> dict[str, str]:
    """One organisation, every attribute as text, empty where there is none."""
    return {
        "uscc": entity.uscc,
        "org_code": entity.uscc[8:17],
        "reg_no": entity.reg_no,
        "name": entity.name,
        "org_type": entity.form.org_type,
        "ent_type": entity.form.ent_type,
        "economic_type": entity.form.economic_type,
        "industry": entity.industry,
        "legal_rep_name": entity.legal_rep.name,
        "address": entity.address,
        "division": entity.division,
        "business_scope": entity.business_scope,
        "capital": entity.capital,
        "established_on": text(entity.established_on) or "",
        "approved_on": text(entity.approved_on) or "",
        "reg_authority": entity.reg_authority,
        "reg_status": entity.reg_status,
        "cancelled_on": text(entity.cancelled_on) or "",
        "tax_status": entity.tax_status,
        "tax_authority": entity.tax_authority,
        "ss_reg_no": entity.ss_reg_no,
        "phone": entity.phone,
        "postcode": entity.postcode,
    }
