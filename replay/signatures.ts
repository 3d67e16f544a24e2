import { createHmac, timingSafeEqual } from 'node:crypto'
import { compactVerify, importJWK, type JWK } from 'jose'
import type { Facts } from './facts.js'
import { membersOf } from './values.js'

/** Fetches a path of the server. */
export type Fetch = (path: string) => Promise<{ status: number; body: string }>

export interface Verifier {
  /** What is wrong with the signature of a token. Undefined: nothing. */
  issueOf(token: string): Promise<string | undefined>
}

/** Verifies by the JWKS of the server's applications, and by the secrets of the clients. */
export function createVerifier(fetch: Fetch, facts: Facts): Verifier {
  const known = new Map<string, JWK>()

  /** Applications may come and go, so they are asked again for a key that is not known. */
  async function keyOf(kid: string): Promise<JWK | undefined> {
    if (known.has(kid)) return known.get(kid)
    for (const slug of facts.slugs) {
      const { status, body } = await fetch(`/application/o/${slug}/jwks/`)
      const keys = status === 200 ? membersOf(body)['keys'] : undefined
      for (const key of Array.isArray(keys) ? (keys as JWK[]) : [])
        if (key.kid !== undefined && key.use !== 'enc') known.set(key.kid, key)
    }
    return known.get(kid)
  }

  return {
    async issueOf(token) {
      const [header = '', payload = ''] = token.split('.')
      const { alg, kid } = decodePart(header) ?? {}
      if (String(alg).startsWith('HS')) return hmacIssue(token, String(alg), secretsOf(payload, facts))
      const key = await keyOf(String(kid))
      if (key === undefined) return `no application has a key ${kid} in its JWKS`
      try {
        await compactVerify(token, await importJWK(key, String(alg)))
        return undefined
      } catch {
        return `not by the key ${kid} of the JWKS (${alg})`
      }
    },
  }
}

/** By hand, for a public client has an empty secret, of which no library makes a key. */
function hmacIssue(token: string, alg: string, secrets: string[]): string | undefined {
  const cut = token.lastIndexOf('.')
  const signature = Buffer.from(token.slice(cut + 1), 'base64url')
  const isRight = secrets.some((secret) => {
    const wanted = createHmac(`sha${alg.slice(2)}`, secret)
      .update(token.slice(0, cut))
      .digest()
    return wanted.length === signature.length && timingSafeEqual(wanted, signature)
  })
  return isRight ? undefined : `not by the secret of its client (${alg})`
}

function secretsOf(payload: string, { secrets }: Facts): string[] {
  const { aud } = decodePart(payload) ?? {}
  return [...(secrets.get(String(aud)) ?? []), ...(secrets.get('') ?? [])]
}

/** A part of a token as an object. Undefined: it is none. */
export function decodePart(part: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
