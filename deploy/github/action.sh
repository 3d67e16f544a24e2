#!/usr/bin/env bash
# What action.yml runs, on Linux and macOS. The mock outlives the step that starts it; what the later step must know of
# it lies in a folder of the runner: its log, its process, its exit code, its report.
set -euo pipefail

folder="$RUNNER_TEMP/authentik-mock-$MOCK_PORT"
container="authentik-mock-$MOCK_PORT"

# A message of the runner is one line: what was given may have several.
fail() {
  local text="${1//'%'/%25}"
  text="${text//$'\r'/%0D}"
  echo "::error title=authentik-mock::${text//$'\n'/%0A}"
  exit 1
}

# The same, where nothing was started.
give_up() {
  rm -rf "$folder"
  fail "$1"
}

in_container() { [ -f "$folder/image" ]; }

log() {
  if in_container; then docker logs "$container" 2>&1; else cat "$folder/log"; fi
}

has_ended() {
  if in_container; then
    [ "$(docker inspect --format '{{.State.Running}}' "$container")" != true ]
  else
    [ -s "$folder/code" ]
  fi
}

# Runs a program behind this step, and notes its process and how it ends.
run_behind() {
  (
    "$@" > "$folder/log" 2>&1 &
    echo $! > "$folder/process"
    code=0
    wait $! || code=$?
    echo "$code" > "$folder/code"
  ) > /dev/null 2>&1 < /dev/null &
}

start() {
  case "$MOCK_REPORT" in
    *.md | *.xml | *.json) ;;
    *) fail "report: found \"$MOCK_REPORT\"; allowed: a name that ends in .json, .xml or .md" ;;
  esac
  # Lines of its own would be variables of the job.
  case "$MOCK_TOKEN" in
    *$'\n'* | *$'\r'*) fail 'token: found several lines; allowed: one line' ;;
  esac
  mkdir "$folder" 2> /dev/null || fail "port: there is a mock on $MOCK_PORT already; allowed: another port"
  mkdir "$folder/report"
  echo "$MOCK_REPORT" > "$folder/report-path"
  local report="report/report.${MOCK_REPORT##*.}"
  local options=(--token "$MOCK_TOKEN")
  while IFS= read -r option; do
    if [ -n "$option" ]; then options+=("$option"); fi
  done <<< "$MOCK_OPTIONS"

  if [ -n "$MOCK_IMAGE" ]; then
    # It finds fixtures by the names that they have here.
    docker create --name "$container" --publish "127.0.0.1:$MOCK_PORT:9000" --read-only --cap-drop ALL \
      --security-opt no-new-privileges --user "$(id -u):$(id -g)" --volume "$folder/report:/report" \
      --volume "$PWD:$PWD:ro" --workdir "$PWD" "$MOCK_IMAGE" "${options[@]}" --report "/$report" > /dev/null \
      || give_up "image: docker could not make a container of \"$MOCK_IMAGE\"; it says why above"
    echo "$MOCK_IMAGE" > "$folder/image"
    if ! docker start "$container" > /dev/null; then
      docker rm "$container" > /dev/null
      give_up "image: docker could not start \"$MOCK_IMAGE\"; it says why above"
    fi
  else
    local version="$MOCK_VERSION"
    if [ -z "$version" ]; then version="$(node -p 'require(process.argv[1]).version' "$GITHUB_ACTION_PATH/package.json")"; fi
    npm install --loglevel=error --no-audit --no-fund --prefix "$folder/package" "authentik-mock@$version" > /dev/null \
      || give_up "version: npm could not install authentik-mock@$version; it says why above"
    run_behind "$folder/package/node_modules/.bin/authentik-mock" "${options[@]}" --port "$MOCK_PORT" \
      --report "$folder/$report"
  fi

  for _ in $(seq 600); do
    if [ -f "$folder/log" ] || in_container; then
      if log | grep '^authentik-mock ready on ' > /dev/null; then
        local url="http://127.0.0.1:$MOCK_PORT"
        printf '%s\n' "AUTHENTIK_URL=$url" "AUTHENTIK_TOKEN=$MOCK_TOKEN" >> "$GITHUB_ENV"
        printf '%s\n' "url=$url" "token=$MOCK_TOKEN" >> "$GITHUB_OUTPUT"
        return
      fi
      if has_ended; then break; fi
    fi
    sleep 0.1
  done
  log
  stop_it
  give_up 'the mock did not start; its log says why'
}

# Asks it to end, and leaves its exit code in `code`.
stop_it() {
  if in_container; then
    docker stop -t 30 "$container" > /dev/null
    code="$(docker inspect --format '{{.State.ExitCode}}' "$container")"
    docker logs "$container" > "$folder/log" 2>&1
    docker rm "$container" > /dev/null
    rm "$folder/image"
    return
  fi
  if [ ! -f "$folder/process" ]; then give_up 'the mock was not started to the end'; fi
  if ! has_ended; then kill -TERM "$(cat "$folder/process")"; fi
  for _ in $(seq 300); do
    if has_ended; then break; fi
    sleep 0.1
  done
  if ! has_ended; then fail 'the mock did not stop within 30 seconds'; fi
  code="$(cat "$folder/code")"
}

stop() {
  if [ ! -d "$folder" ]; then fail "port: there is no mock on $MOCK_PORT; allowed: the port that it was started with"; fi
  local report code
  report="$(cat "$folder/report-path")"
  stop_it
  for written in "$folder"/report/*; do
    if [ ! -f "$written" ]; then break; fi
    mkdir -p "$(dirname "$report")"
    cp "$written" "$report"
    case "$report" in *.md) cat "$written" >> "$GITHUB_STEP_SUMMARY" ;; esac
  done
  if [ "$code" != 0 ]; then cat "$folder/log"; fi
  rm -rf "$folder"
  case "$code" in
    0) ;;
    4) fail "the client goes against the contract of authentik: $report" ;;
    *) fail "the mock ended with exit code $code; its log says why" ;;
  esac
}

# It is part of the name of a folder.
if ! [[ "$MOCK_PORT" =~ ^[1-9][0-9]{0,4}$ ]] || [ "$MOCK_PORT" -gt 65535 ]; then
  fail "port: found \"$MOCK_PORT\"; allowed: an integer from 1 to 65535"
fi
case "$MOCK_COMMAND" in
  start) start ;;
  stop) stop ;;
  *) fail "command: found \"$MOCK_COMMAND\"; allowed: start, stop" ;;
esac
