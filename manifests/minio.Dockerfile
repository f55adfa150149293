# MinIO for a trial (make minio-image): the server of tests/s3 on the base of our images. Its
# makers publish no image any more; docs/kubernetes.md says what to run instead in production.
ARG BASE=debian:bookworm-slim
FROM ${BASE}
COPY minio /usr/local/bin/minio
LABEL org.opencontainers.image.title="creditrisk-minio" \
      org.opencontainers.image.licenses="AGPL-3.0-only"
USER 185:185
ENTRYPOINT ["minio"]
