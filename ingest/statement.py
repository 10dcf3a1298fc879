"""Hold what a sender states of a file against the file: its hash, and a data time that can be."""

from datetime import timedelta

from catalog.deliveries import Delivery
from ingest import refusals
from ingest.refusals import FileRefused
from ingest.report import local

# A clock may be wrong by a day. A wrong year would make one delivery the newest for ever.
FUTURE = timedelta(days=1)


def check_statement(delivery: Delivery) -> None:
    """Raise FileRefused where the bytes are other ones, or the data time lies in the future."""
    if delivery.sha256_declared not in {None, delivery.sha256}:
        stated = str(delivery.sha256_declared)
        raise FileRefused(refusals.sha256_differs(stated=stated, found=delivery.sha256))
    if delivery.data_time > delivery.received_at + FUTURE:
        stated, came = local(delivery.data_time), local(delivery.received_at)
        raise FileRefused(refusals.future_data_time(stated, came))
