"""Opens the store to a department: bucket and key, issued, replaced and revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.answers import ProvisionAnswer, RevocationAnswer
from api.usecases.access import Caller, Trail, watched
from api.usecases.rights import UseCase
from catalog import departments
from lake import provisioning
from lake.layout import bucket_of
from lake.location import LocationKind

if TYPE_CHECKING:
    from api.bootstrap import Services
    from catalog.departments import Department
    from lake.location import StoreLocation


def provision_department(services: Services, caller: Caller, department: str) -> ProvisionAnswer:
    """Make a department's bucket and a new key, which ends every older one; known by id or code.

    The secret is in this answer and nowhere else. Raises DepartmentNotFound, NoKeyService,
    KeyServiceRefused and StoreUnavailable. On a folder there are folders and no key.
    """
    with watched(services, caller, UseCase.DEPARTMENT_PROVISION) as trail:
        found = _named(services, trail, department)
        bucket = bucket_of(found.department_id)
        services.store.ensure_bucket(bucket)
        key = _key(services.location, bucket)
    location = services.location
    return ProvisionAnswer(
        department_id=found.department_id,
        bucket=bucket,
        endpoint=_address(location),
        region=location.region or None,
        access_key=None if key is None else key.access_key,
        secret_key=None if key is None else key.secret_key,
        prefixes={"put": provisioning.PUT_PREFIXES, "get": provisioning.GET_PREFIXES},
    )


def revoke_department_keys(services: Services, caller: Caller, department: str) -> RevocationAnswer:
    """End every key of a department, at once; the bucket and what lies in it stay."""
    with watched(services, caller, UseCase.DEPARTMENT_PROVISION) as trail:
        trail.detail["revoke"] = True
        found = _named(services, trail, department)
        bucket = bucket_of(found.department_id)
        revoked = 0
        if services.location.kind is LocationKind.S3:
            service = provisioning.key_service(services.location)
            revoked = provisioning.revoke_keys(service, bucket)
        trail.detail["revoked"] = revoked
    return RevocationAnswer(department_id=found.department_id, bucket=bucket, revoked=revoked)


def _named(services: Services, trail: Trail, department: str) -> Department:
    trail.detail["department"] = department
    with services.database.reading() as conn:
        found = departments.require(conn, department)
    trail.detail["department"] = found.department_id
    return found


def _key(location: StoreLocation, bucket: str) -> provisioning.DepartmentKey | None:
    if location.kind is LocationKind.FOLDER:
        provisioning.open_folders(location, bucket)
        return None
    return provisioning.issue_key(provisioning.key_service(location), bucket)


def _address(location: StoreLocation) -> str:
    if location.kind is LocationKind.FOLDER:
        return f"file://{location.root}"
    return f"{'https' if location.secure else 'http'}://{location.endpoint}"
