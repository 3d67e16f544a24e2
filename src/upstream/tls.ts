import { readRegularFile } from '../world/load/regular-file.js'
import { UpstreamError } from './error.js'
import type { Connection } from './wire.js'

const MAX_PEM_BYTES = 16 * 2 ** 20

/** @throws UpstreamError for a file of certificates that cannot be read */
export async function tlsOf({
  ca,
  insecure,
}: {
  ca: string | undefined
  insecure: boolean
}): Promise<Connection['tls'] & object> {
  if (insecure) return { rejectUnauthorized: false }
  if (ca === undefined) return {}
  const { createSecureContext, rootCertificates } = await import('node:tls')
  try {
    const pem = (await readRegularFile(ca, MAX_PEM_BYTES)).toString('utf8')
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('no certificate in it')
    const tls = { ca: [...rootCertificates, pem] }
    createSecureContext(tls)
    return tls
  } catch (error) {
    throw new UpstreamError(`--ca: found ${ca}, ${(error as Error).message}; allowed: a PEM file of certificates`)
  }
}
