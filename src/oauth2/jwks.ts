import { exportJWK } from 'jose'
import type { Database } from '../world/database.js'
import type { Attributes } from '../world/json.js'
import type { Provider } from '../world/kinds/providers.js'
import { encryptionKeyOf, type ParsedKey, signingKeyOf, thumbprint } from './keys.js'

/** The public keys of a provider. One that signs with its client secret has none to show. */
export async function jwksOf(database: Database, provider: Provider): Promise<Attributes> {
  const signing = await signingKeyOf(database, provider)
  const encryption = await encryptionKeyOf(database, provider)
  const keys = [
    ...('secret' in signing ? [] : [await jwkOf(signing, 'sig', { alg: signing.algorithm })]),
    ...(encryption === null ? [] : [await jwkOf(encryption, 'enc', { alg: 'RSA-OAEP-256', enc: 'A256CBC-HS512' })]),
  ]
  return keys.length === 0 ? {} : { keys }
}

async function jwkOf(
  { kid, publicKey, certificate }: ParsedKey,
  use: string,
  algorithms: Attributes,
): Promise<Attributes> {
  const { kty = '', n, e, x, y, crv } = await exportJWK(publicKey)
  return {
    ...algorithms,
    ...{ kid, kty, use },
    ...(n !== undefined && e !== undefined && { n, e }),
    ...(x !== undefined && y !== undefined && crv !== undefined && { x, y, crv }),
    ...(certificate !== undefined && {
      x5c: [certificate.raw.toString('base64')],
      x5t: thumbprint(certificate, 'sha1'),
      'x5t#S256': thumbprint(certificate, 'sha256'),
    }),
  }
}
