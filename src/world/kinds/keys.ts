import { createHash } from 'node:crypto'
import type * as Type from 'typebox'
import type { Kind } from './kind.js'
import { object, secret, text, uuid } from './shared/grammar.js'

/** A private key with its certificate, which providers sign or encrypt with. */
export interface CertificateKey {
  pk: string
  name: string
  kid: string
  /** In PEM form; null: none, and then its public key is published without one. */
  certificate: string | null
  /** In PEM form; null: a test key of the mock stands in for it. */
  private_key: string | null
}

export const KeySeed = object(
  {
    pk: uuid(),
    name: text(),
    kid: text(),
    // It is no secret, but the private key that somebody takes for it is.
    certificate: secret('an X.509 certificate in PEM form', { format: 'pem-certificate' }),
    private_key: secret('a private key in PEM form, RSA or P-256, P-384, P-521, not encrypted', {
      format: 'pem-private-key',
    }),
  },
  'a key',
)
export type KeySeed = Type.Static<typeof KeySeed>

export const keys: Kind<string, CertificateKey, typeof KeySeed> = {
  word: 'key',
  seed: KeySeed,
  key: 'pk',
  keys: 'drawn',
  form: 'list',
  natural: 'name',
  secrets: { private_key: null },
  unique: [],
  references: {},
  columns: { pk: (row) => row.pk, name: (row) => row.name },
  complete(given, pk, _, before) {
    const key = { ...(before ?? { pk, name: `key ${pk.slice(0, 8)}`, certificate: null, private_key: null }), ...given }
    const { private_key } = key as Partial<CertificateKey>
    // A new key has another name, unless somebody gives it one.
    const kid = given['private_key'] === undefined && before !== undefined ? before.kid : kidOf(private_key ?? '')
    return { ...key, kid: given['kid'] ?? kid } as CertificateKey
  },
  seedOf: ({ pk, name, kid, certificate, private_key }) => ({
    ...{ pk, name, kid },
    ...(certificate !== null && { certificate }),
    ...(private_key !== null && { private_key }),
  }),
}

/** The test keys of the mock, which every world has without naming them: see fixtures/README.md. */
export const TEST_KEYS = {
  rsa: '0a75746e-7465-4374-8000-000000000001',
  ec: '0a75746e-7465-4374-8000-000000000002',
} as const

export function isTestKey(pk: string): boolean {
  return Object.values<string>(TEST_KEYS).includes(pk)
}

/** authentik's name for a key, in the headers of tokens and in the set of public keys. */
export function kidOf(privateKey: string): string {
  return createHash('md5').update(privateKey).digest('hex')
}
