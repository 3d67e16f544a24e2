import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { Database } from '../world/database.js'
import { type CertificateKey, kidOf } from '../world/kinds/keys.js'
import type { Provider } from '../world/kinds/providers.js'

/** A key that was parsed. */
export interface ParsedKey {
  kid: string
  algorithm: string
  privateKey: KeyObject
  publicKey: KeyObject
  certificate: X509Certificate | undefined
}

/** What a provider signs with: its key, or for lack of one the client secret. */
export type SigningKey = ParsedKey | { kid: undefined; algorithm: 'HS256'; secret: string }

export async function signingKeyOf(database: Database, provider: Provider): Promise<SigningKey> {
  const { signing_key, client_secret } = provider
  if (signing_key === null) return { kid: undefined, algorithm: 'HS256', secret: client_secret }
  return findKey(database, signing_key)
}

export async function encryptionKeyOf(database: Database, { encryption_key }: Provider): Promise<ParsedKey | null> {
  return encryption_key === null ? null : findKey(database, encryption_key)
}

/** The key of the world with this primary key; where it has none, a test key of the mock. */
async function findKey(database: Database, pk: string): Promise<ParsedKey> {
  const row = database.keys.get(pk.toLowerCase())
  if (row?.private_key) return parse(row as CertificateKey & { private_key: string })
  const testKeys = await loadTestKeys()
  return parse(testKeys.find((key) => key.pk === pk) ?? testKeys[0])
}

/** They are read by the first who needs one. */
async function loadTestKeys() {
  const { default: file } = await import('../../fixtures/test-keys.json', { with: { type: 'json' } })
  testKeys ??= file.keys.map((key) => ({ ...key, kid: kidOf(key.private_key) })) as TestKeys
  return testKeys
}

type TestKey = CertificateKey & { private_key: string }
type TestKeys = [TestKey, ...TestKey[]]
let testKeys: TestKeys | undefined

/** Parsed once, for as long as its row is there. */
const parsed = new WeakMap<CertificateKey, ParsedKey>()

function parse(row: CertificateKey & { private_key: string }): ParsedKey {
  const known = parsed.get(row)
  if (known !== undefined) return known
  const privateKey = createPrivateKey(row.private_key)
  const key = {
    kid: row.kid,
    algorithm: algorithmOf(privateKey),
    privateKey,
    publicKey: createPublicKey(privateKey),
    certificate: row.certificate === null ? undefined : new X509Certificate(row.certificate),
  }
  parsed.set(row, key)
  return key
}

/**
 * By the curve. Up to 2025.12 authentik writes ES256 over every curve, which no client gets along with; the mock does not
 * go so far.
 */
const CURVES: Record<string, string> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  return asymmetricKeyType === 'rsa' ? 'RS256' : (CURVES[asymmetricKeyDetails?.namedCurve ?? ''] ?? 'ES256')
}

/** The fingerprint of a certificate as a set of public keys has it. */
export function thumbprint({ raw }: X509Certificate, hash: 'sha1' | 'sha256'): string {
  return createHash(hash).update(raw).digest('base64url')
}
