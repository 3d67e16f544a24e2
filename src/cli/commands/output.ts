/** What a command says while it works, beside what it was asked for. */
export interface Output {
  tell(line: string): void
  progress(done: number, of: number): void
}

export const INSECURE =
  'warning: --insecure: whoever stands between could read the token, and answer in the place of the target'
