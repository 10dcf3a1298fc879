# Datong: the API and the worker are the same image with another command.
# Never built so far: there was no engine where this was written (docs/deploy.md).
FROM python:3.11.15-slim-bookworm AS build
# Where packages come from, if not from the public index; unset by default.
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /datong
WORKDIR /build
COPY requirements.txt ./
RUN /datong/bin/python -m pip install --require-hashes -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY standards ./standards
COPY catalog ./catalog
COPY lake ./lake
COPY ingest ./ingest
COPY api ./api
RUN /datong/bin/python -m pip wheel --no-deps --no-build-isolation --no-index --wheel-dir wheels . \
    && /datong/bin/python -m pip install --no-deps --no-index wheels/datong-*.whl
# what builds and installs stays behind
RUN /datong/bin/python -m pip uninstall --yes setuptools pip

FROM python:3.11.15-slim-bookworm
RUN python -m pip uninstall --yes --root-user-action=ignore wheel setuptools pip \
    && groupadd --gid 10001 datong \
    && useradd --uid 10001 --gid 10001 --home-dir /var/lib/datong --no-create-home --shell /usr/sbin/nologin datong \
    && install --directory --owner=datong --group=datong --mode=0700 /var/lib/datong
COPY --from=build /datong /datong
ENV PATH=/datong/bin:$PATH DATONG_HOME=/var/lib/datong PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /var/lib/datong
ENTRYPOINT ["datong"]
