const UNKNOWN_CERTIFICATE = 'its certificate is not known'
const NO_TLS = 'it does not speak TLS; did you mean http://?'
const UNKNOWN_HOST = 'no such host is known'
const NO_WAY = 'no way leads there'

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  ECONNRESET: 'the connection was broken off',
  EPIPE: 'the connection was broken off',
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  ETIMEDOUT: 'it does not answer',
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CERTIFICATE,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
}

/**
 * Why no answer came.
 *
 * @param vouching by what somebody vouches for a certificate
 */
export function reasonOf(error: NodeJS.ErrnoException, vouching = '--ca FILE'): string {
  const reason = REASONS[error.code ?? ''] ?? error.message
  return reason === UNKNOWN_CERTIFICATE ? `${reason}; ${vouching} vouches for it` : reason
}
