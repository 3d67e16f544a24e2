# The digest is that of the image for all platforms. Dependabot keeps it current, in both places.
FROM node:24-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS build
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY fixtures fixtures
COPY src src
RUN npm run build

FROM node:24-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20
ARG VERSION=0.1.0
ARG SOURCE=
LABEL org.opencontainers.image.title="authentik-mock" \
      org.opencontainers.image.description="A faithful fake of authentik's OAuth2 refresh-token API" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="${SOURCE}"
# As authentik listens unless it is told otherwise.
ENV NODE_ENV=production AUTHENTIK_LISTEN__HTTP=0.0.0.0:9000 AUTHENTIK_LISTEN__HTTPS=0.0.0.0:9443
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/dist/main.js /build/dist/ak.js /build/dist/THIRD-PARTY-LICENSES.txt ./
COPY --from=build /build/dist/chunks chunks
# The command of authentik's image, where its compose file, its chart and older scripts call it
RUN mkdir /lifecycle && ln -s /app/ak.js /usr/local/bin/ak && ln -s /app/ak.js /lifecycle/ak
# nobody, by number, so that "runAsNonRoot" can be checked
USER 65534:65534
EXPOSE 9000 9443
# Fixtures are mounted and named: docker run -v ./fixtures:/fixtures:ro authentik-mock --fixtures /fixtures
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --start-interval=100ms --retries=3 \
  CMD ["node", "/app/main.js", "healthcheck"]
ENTRYPOINT ["node", "/app/main.js"]
