import { createHmac, createSecretKey, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { Database } from '../world/database.js'
import type { Provider } from '../world/kinds/providers.js'
import { memoize } from '../world/memoize.js'
import { encryptionKeyOf, type ParsedKey, signingKeyOf } from './keys.js'

/** `jose` is loaded by the first token that is encrypted, or verified. */

/** Makes of claims, as JSON, what a provider hands out: signed, and encrypted where it has a key for that. */
export type Encode = (claims: string) => string | Promise<string>

/** RSA and EC keys sign beside the main thread. An HMAC takes a thirtieth of what handing it over would. */
export async function encoderOf(database: Database, provider: Provider): Promise<Encode> {
  const signing = await signingKeyOf(database, provider)
  const encryption = await encryptionKeyOf(database, provider)
  const sign: Encode = (claims) =>
    'secret' in signing
      ? signWithSecret(signing.secret, Buffer.from(claims))
      : signWithKey(signing, Buffer.from(claims))
  return encryption === null ? sign : async (claims) => encrypt(encryption, await sign(claims))
}

const signBeside: (digest: string, data: Buffer, key: SignKey) => Promise<Buffer> = promisify(sign)
type SignKey = { key: KeyObject; dsaEncoding: 'ieee-p1363' }

/** A JWT that is signed with an RSA or EC key. */
async function signWithKey({ algorithm, kid, privateKey: key }: ParsedKey, payload: Buffer): Promise<string> {
  const header = Buffer.from(JSON.stringify({ alg: algorithm, kid, typ: 'JWT' }))
  const signed = `${header.toString('base64url')}.${payload.toString('base64url')}`
  const digest = `sha${algorithm.slice(-3)}`
  const signature = await signBeside(digest, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
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
