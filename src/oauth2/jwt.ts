import { createHmac, createSecretKey } from 'node:crypto'
import type { Database } from '../world/database.js'
import type { Provider } from '../world/kinds/providers.js'
import { memoize } from '../world/memoize.js'
import { encryptionKeyOf, type ParsedKey, type SigningKey, signingKeyOf } from './keys.js'

/** `jose` is loaded by the first token that is not signed with a client secret alone. */

/** Claims, as JSON, as a provider hands them out: signed, and encrypted where it has a key for that. */
export async function encodeClaims(database: Database, provider: Provider, claims: string): Promise<string> {
  const signed = await sign(await signingKeyOf(database, provider), Buffer.from(claims))
  const key = await encryptionKeyOf(database, provider)
  return key === null ? signed : encrypt(key, signed)
}

/** RSA and EC keys sign beside the main thread. An HMAC takes a thirtieth of what handing it over would. */
async function sign(key: SigningKey, payload: Buffer): Promise<string> {
  if ('secret' in key) return signWithSecret(key.secret, payload)
  const { CompactSign } = await import('jose')
  return new CompactSign(payload)
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, typ: 'JWT' })
    .sign(key.privateKey)
}

const HS256_HEADER = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')

/** Of client secrets: to make a key of one takes longer than to sign with it. */
const MAX_KEYS = 1000
const keyOfSecret = memoize(MAX_KEYS, (secret: string) => createSecretKey(Buffer.from(secret)))

/** A JWT that is signed by HMAC, of claims as JSON. */
export function signWithSecret(secret: string, payload: Buffer): string {
  const signed = `${HS256_HEADER}.${payload.toString('base64url')}`
  return `${signed}.${createHmac('sha256', keyOfSecret(secret)).update(signed).digest('base64url')}`
}

async function encrypt({ kid, publicKey }: ParsedKey, token: string): Promise<string> {
  const { CompactEncrypt } = await import('jose')
  return new CompactEncrypt(Buffer.from(token))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256CBC-HS512', kid, typ: 'JWE' })
    .encrypt(publicKey)
}

/** Whether a provider signed a token with the key that it has now, and not with a secret. */
export async function isSignedBy(database: Database, provider: Provider, token: string): Promise<boolean> {
  const key = await signingKeyOf(database, provider)
  if ('secret' in key) return false
  const { compactVerify } = await import('jose')
  return compactVerify(token, key.publicKey, { algorithms: [key.algorithm] }).then(
    () => true,
    () => false,
  )
}
