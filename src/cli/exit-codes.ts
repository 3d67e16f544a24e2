/** How the program ends: the one table behind `--help`, the README and docs/options.md. */
export const EXIT_CODES: Record<number, string> = {
  0: 'success',
  1: 'it failed while it ran; verify: something differs; healthcheck: the server is not healthy',
  2: 'wrong options or fixtures, a key that the target refuses, or a target that is not authentik',
  3: 'the target of capture or verify, or the store of serve, cannot be reached',
  4: 'serve --fail-on: the report has findings',
}

/** The same of errors that somebody outside of the program can do something about, by their name. Others end it with 1. */
export const CODE_OF_ERROR: Record<string, number> = {
  UsageError: 2,
  FixtureError: 2,
  UpstreamError: 2,
  UnreachableError: 3,
  StoreAway: 3,
  StoreMismatch: 2,
  HealthError: 1,
  ListenError: 1,
  OutputError: 1,
  FindingsError: 4,
}
