# One image of the shop: `docker build --build-arg SERVICE=cart --tag ecommerce/cart .` holds the cart service and what it needs;
# SERVICE is the name of any service, "backend", "audit", "tools" for all commands but serve, or "all" for the whole shop with its PostgreSQL.
# docs/operate/images.md says more. What is in an image is decided by tools/image/build-root.ts, which also runs without Docker.

# Node.js 26 with glibc is all that a base has to bring. The digest names the tag's image for every platform.
ARG NODE_IMAGE=node:26.10.0-bookworm-slim@sha256:662933cf47f013bc8e4beb31a6116448427a82057ba7c42c97e4c5ba766504c2
ARG SERVICE=all

FROM ${NODE_IMAGE} AS build
ARG SERVICE
WORKDIR /source
COPY package.json package-lock.json ./
# No script of a package runs.
RUN ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
COPY . .
# Runs as root, so that /data belongs to the account of the program. A fixed date makes equal content an equal image.
ENV SOURCE_DATE_EPOCH=0 SERVICE=${SERVICE}
RUN ["node", "tools/image/build-root.ts", "/image"]

FROM ${NODE_IMAGE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ecommerce/${SERVICE}" \
      org.opencontainers.image.description="Stoa, an open-source e-commerce platform: ${SERVICE}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image/root/ /
# One arena of the C library, which gives back what was freed: a service does little at once and shares its machine.
ENV NODE_ENV=production STOA_DATA=/data MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072
WORKDIR /app
USER 1001:1001
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 CMD ["node", "/app/bin/healthcheck.mjs"]
ENTRYPOINT ["node", "--max-semi-space-size=1", "--optimize-for-size", "--initial-old-space-size=16", "--max-old-space-size-percentage=50", "/app/code/start.js"]
