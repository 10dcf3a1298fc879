"""The public catalogue in the forms that others harvest: DCAT-AP, DCAT-US, CKAN, ODCS."""
