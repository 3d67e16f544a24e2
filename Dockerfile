# What is built is the same for every platform, so it is built once, and the image runs nothing while it is made.
# The digest is that of the image for all platforms. Dependabot keeps it current, in both places.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY fixtures fixtures
COPY src src
RUN npm run build \
    && mkdir -p /image/app /image/lifecycle /image/usr/local/bin \
    && cp -R package.json dist/main.js dist/ak.js dist/THIRD-PARTY-LICENSES.txt dist/chunks /image/app/ \
    # The command of authentik's image, where its compose file, its chart and older scripts call it
    && ln -s /app/ak.js /image/usr/local/bin/ak && ln -s /app/ak.js /image/lifecycle/ak

FROM node:24-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20
ARG VERSION=unreleased
ARG SOURCE=
LABEL org.opencontainers.image.title="authentik-mock" \
      org.opencontainers.image.description="A faithful fake of authentik's OAuth2 refresh-token API" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="${SOURCE}"
# As authentik listens unless it is told otherwise.
ENV NODE_ENV=production AUTHENTIK_LISTEN__HTTP=0.0.0.0:9000 AUTHENTIK_LISTEN__HTTPS=0.0.0.0:9443
WORKDIR /app
COPY --from=build /image/ /
# nobody, by number, so that "runAsNonRoot" can be checked
USER 65534:65534
EXPOSE 9000 9443
# Fixtures are mounted and named: docker run -v ./fixtures:/fixtures:ro authentik-mock --fixtures /fixtures
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --start-interval=100ms --retries=3 \
  CMD ["node", "/app/main.js", "healthcheck"]
ENTRYPOINT ["node", "/app/main.js"]
