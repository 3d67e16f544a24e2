import type { ClientError } from './unreadable.js'

/** What a server shows and a client checks, each as PEM. */
export interface TlsFiles {
  /** The certificate of the server, and those that vouch for it up to the authority. */
  cert: string
  key: string
  /** What a client has to trust. */
  ca: string
}

const NOT_TRUSTED = 'a client does not trust the certificate of https; /_mock/ca.pem has what to trust'
const MISTAKES: Record<string, string> = {
  ERR_SSL_HTTP_REQUEST: 'a client asked by http at the port of https',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: NOT_TRUSTED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: NOT_TRUSTED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: NOT_TRUSTED,
}
/** What the first packet of TLS begins with. */
const HANDSHAKE = 0x16

/** What a client did wrong that never got as far as a request, and may not know why; undefined: something else. */
export function tlsMistake({ code = '', rawPacket }: ClientError): string | undefined {
  return rawPacket?.[0] === HANDSHAKE ? 'a client asked by https at the port of http' : MISTAKES[code]
}
