/** What a command says while it works, beside what it was asked for. */
export interface Talk {
  tell(line: string): void
  progress(done: number, of: number): void
}

export const INSECURE =
  'warning: --insecure: the certificate is not checked, so anyone on the way could read the token and forge answers'
