import { createHash } from 'node:crypto'
import { compactDecrypt } from 'jose'
import type { Difference } from './compare.js'
import { commit, matchText, type Place, shorten } from './match.js'
import type { RecordedToken } from './recording.js'
import { decodePart, type Verifier } from './signatures.js'
import { leftHash, membersOf } from './values.js'

/** Holds a token against what the recording says of it. */
export interface TokenCheck {
  /** The field of the answer, for the messages. */
  field: string
  token: string
  /** Undefined: not recorded; its signature is verified all the same. */
  recorded: RecordedToken | undefined
  /** What was given out in the same answer: `access_token`, `code`. */
  beside: Map<string, string>
}

/** Nothing for a value that is no token and that was none there. */
export async function checkToken(check: TokenCheck, place: Place, verifier: Verifier): Promise<Difference[]> {
  const { field, token, recorded } = check
  const parts = token.split('.')
  const isToken = (parts.length === 3 || parts.length === 5) && decodePart(parts[0] ?? '') !== undefined
  const wanted = recorded?.jwe === undefined ? 3 : 5
  if (recorded === undefined && !isToken) return []
  if (!isToken || (recorded !== undefined && parts.length !== wanted))
    return [{ what: `token ${field}`, got: shorten(token), wanted: wanted === 3 ? 'a signed JWT' : 'an encrypted JWT' }]
  return parts.length === 5 ? checkEncrypted(check, place, verifier) : checkSigned(check, place, verifier)
}

async function checkEncrypted(check: TokenCheck, place: Place, verifier: Verifier): Promise<Difference[]> {
  const { field, token, recorded, beside } = check
  const header = decodePart(token.split('.')[0] ?? '') ?? {}
  const found = recorded?.jwe === undefined ? [] : differenceOf(`header of ${field}`, recorded.jwe, header, place)
  if (found.length > 0) return found
  const key = place.facts.privateKeys.get(String(header['kid']))
  if (key === undefined) return [{ what: `header of ${field}`, got: header['kid'], wanted: 'a kid in the world file' }]
  try {
    const { plaintext } = await compactDecrypt(token, key)
    const inner = Buffer.from(plaintext).toString('utf8')
    return checkSigned({ field: `${field} inside`, token: inner, recorded: undefined, beside }, place, verifier)
  } catch (error) {
    return [
      { what: `encryption of ${field}`, got: (error as Error).message, wanted: `what the key ${header['kid']} opens` },
    ]
  }
}

async function checkSigned(check: TokenCheck, place: Place, verifier: Verifier): Promise<Difference[]> {
  const { field, token, recorded, beside } = check
  const [head = '', payload = ''] = token.split('.')
  const header = decodePart(head) ?? {}
  const claims = decodePart(payload)
  if (claims === undefined) return [{ what: `claims of ${field}`, got: 'no JSON object', wanted: 'claims' }]
  const issue = await verifier.issueOf(token)
  return [
    ...(recorded?.header === undefined ? [] : differenceOf(`header of ${field}`, recorded.header, header, place)),
    ...(recorded?.claims === undefined ? [] : claimDifference(field, recorded.claims, claims, place)),
    ...hashDifferences(field, claims, beside, String(header['alg']).slice(2)),
    ...(issue === undefined ? [] : [{ what: `signature of ${field}`, got: issue, wanted: 'verified' }]),
  ]
}

/** The first claim that differs, or the order of all. Times differ by no more than a recorded second passed meanwhile. */
function claimDifference(field: string, wanted: object, got: object, place: Place): Difference[] {
  const [names, found] = [Object.keys(wanted), Object.keys(got)]
  if (names.join() !== found.join())
    return [{ what: `claims of ${field}`, got: found.join(' '), wanted: names.join(' ') }]
  const others = (claims: object) => Object.entries(claims).filter(([name]) => !/_hash$/.test(name))
  const mine = Object.fromEntries(others(got))
  for (const [name, value] of others(wanted)) {
    const differences = differenceOf(`claim ${name} of ${field}`, { [name]: value }, { [name]: mine[name] }, place)
    if (differences.length > 0) return differences
  }
  return []
}

function differenceOf(what: string, wanted: object, got: object, place: Place): Difference[] {
  const match = matchText(JSON.stringify(wanted), JSON.stringify(got), { ...place, form: 'json' })
  if (match.mismatch !== undefined) return [{ what, ...match.mismatch }]
  commit(match, place.values)
  return []
}

/** What the token says of the access token and the code that were given out with it. */
function hashDifferences(
  field: string,
  claims: Record<string, unknown>,
  beside: Map<string, string>,
  bits: string,
): Difference[] {
  const hashed = { at_hash: beside.get('access_token'), c_hash: beside.get('code') }
  return Object.entries(hashed).flatMap(([name, of]) => {
    if (of === undefined || claims[name] === undefined) return []
    const wanted = leftHash(of, bits)
    return claims[name] === wanted ? [] : [{ what: `claim ${name} of ${field}`, got: claims[name], wanted }]
  })
}

/** RFC 7517: x5t and x5t#S256 are hashes of the first certificate. */
export function thumbprintDifferences(body: string): Difference[] {
  const { keys } = membersOf(body)
  return (Array.isArray(keys) ? keys : []).flatMap((key: Record<string, unknown>) => {
    const certificate = (key['x5c'] as string[] | undefined)?.[0]
    if (certificate === undefined) return []
    return Object.entries({ x5t: 'sha1', 'x5t#S256': 'sha256' }).flatMap(([name, algorithm]) => {
      const wanted = createHash(algorithm).update(Buffer.from(certificate, 'base64')).digest('base64url')
      return key[name] === wanted ? [] : [{ what: `${name} of key ${key['kid']}`, got: key[name], wanted }]
    })
  })
}
