/** What a server shows and a client checks, each as PEM. */
export interface TlsFiles {
  /** The certificate of the server, and those that vouch for it up to the authority. */
  cert: string
  key: string
  /** What a client has to trust. */
  ca: string
}
