#!/usr/bin/env bash
# Holds workflows, action and manifests against the tools that know their forms. By hand, as it needs Python, Go and
# kubectl: npm run lint:deploy
set -euo pipefail
cd "$(dirname "$0")/.."
tools="$(mktemp -d)"
trap 'rm -rf "$tools"' EXIT

python3 -m venv "$tools/venv"
"$tools/venv/bin/pip" install --quiet zizmor==1.32.0 kubernetes-validate==1.37.0 check-jsonschema==0.39.0
"$tools/venv/bin/zizmor" --offline --quiet .github action.yml
go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
check() { "$tools/venv/bin/check-jsonschema" --builtin-schema "vendor.$1" "${@:2}"; }
check compose-spec deploy/compose*.yaml deploy/devcontainer/compose.yaml
check gitlab-ci deploy/gitlab/gitlab-ci.yml
check github-actions action.yml
check github-workflows .github/workflows/*.yml
check dependabot .github/dependabot.yml
for manifests in kubernetes kubernetes-replicas; do
  kubectl kustomize "deploy/$manifests" > "$tools/$manifests.yaml"
  "$tools/venv/bin/kubernetes-validate" --strict "$tools/$manifests.yaml"
done
