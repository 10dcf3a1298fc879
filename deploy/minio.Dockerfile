# MinIO from its last source: the very build that the tests run (.ci/minio), in an image of its own.
# Never built so far: there was no engine where this was written (docs/deploy.md).
FROM golang:1.26.8-bookworm AS build
# Where modules and their checksums come from, if not from the public places; unset by default.
ARG GOPROXY
ARG GOSUMDB
COPY deploy/minio.version /minio.version
RUN CGO_ENABLED=0 GOBIN=/out go install -trimpath -ldflags "-s -w" "github.com/minio/minio@$(cat /minio.version)"
# whoever hands the image on hands on the licence (AGPL-3.0) with it
RUN cp "$(go env GOMODCACHE)/github.com/minio/minio@$(cat /minio.version)/LICENSE" /out/LICENSE

FROM debian:12.12-slim
RUN groupadd --gid 10001 minio \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin minio \
    && install --directory --owner=minio --group=minio --mode=0700 /data
COPY --from=build /out/LICENSE /usr/share/doc/minio/LICENSE
COPY --from=build /out/minio /usr/local/bin/minio
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["minio"]
