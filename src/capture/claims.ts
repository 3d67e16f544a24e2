import type { Json } from '../world/json.js'
import { pythonText } from '../world/json.js'
import { isObject, type Place, type Rule, type Table, within } from './anonymizer.js'
import { freshNames, scrubForeign, scrubText } from './foreign.js'
import { isKey, isUuid } from './harmless.js'
import { clientId, foreign, scope, token } from './identifiers.js'
import { applicationSlug, groupName } from './name-rules.js'
import { ACR, AMR } from './published.js'
import { kept, orNull, seconds, text } from './rule-makers.js'
import { scrubUrl } from './urls.js'

/** The part of the table that is about id_tokens: their claims, about the person that the user became. */

const claim = foreign('claims')

/** A text by this rule, and each text of a list; what is neither is as foreign as any claim. */
function texts(rule: Rule): Rule {
  const one: Rule = (value, place) => (typeof value === 'string' ? rule(value, place) : claim(value, place))
  return (value, place) => (Array.isArray(value) ? value.map((member) => one(member, place)) : one(value, place))
}

const SLUG = /\/application\/o\/([^/?#]+)/

const issuer = text('issuers', (given, place) => {
  // Of an application that may have another slug by now.
  const [, slug] = SLUG.exec(given) ?? []
  if (slug !== undefined) applicationSlug(slug, place)
  return scrubUrl(given, place)
})

/** By the mode of the provider, it is one of many fields of the user. */
const subject: Rule = (value, place) => {
  const { uuid, pk } = place.user
  if (value === uuid && isUuid(value)) return place.tally.keep('UUIDs', value)
  const isOwnKey = (value === pk || value === String(pk)) && isKey(pk as Json)
  if (isOwnKey) return place.tally.keep('primary keys', value)
  if (typeof value !== 'string') return claim(value, place)
  return place.tally.replace('subjects', value, subjectLike(value, place))
}

const HASHED_ID = /^[0-9a-f]{64}$/

/** One that nobody has is of a user who had another address then, or of another server. */
function subjectLike(given: string, place: Place): string {
  const { pseudonyms, fakeData } = place
  return HASHED_ID.test(given) ? pseudonyms.of(given, () => fakeData.token(given)) : scrubText(given, place)
}

const scopes: Rule = (value, place) => {
  if (typeof value !== 'string') return texts(scope)(value, place)
  return value
    .split(/(\s+)/)
    .map((part) => (part.trim() === '' ? part : scope(part, place)))
    .join('')
}

const claims: Table = new Map<string, Rule>([
  ['iss', texts(issuer)],
  ['sub', subject],
  ['aud', texts(clientId)],
  ['azp', texts(clientId)],
  ['client_id', texts(clientId)],
  ['exp', orNull(seconds)],
  ['iat', orNull(seconds)],
  ['nbf', orNull(seconds)],
  ['auth_time', orNull(seconds)],
  ['acr', kept('fixed texts', (value) => value === ACR, claim)],
  ['amr', texts(kept('enum values', (value) => AMR.has(value as string), claim))],
  ['nonce', texts(token('nonces'))],
  ...['at_hash', 'c_hash', 's_hash', 'sid', 'jti'].map((name): [string, Rule] => [
    name,
    texts(token('hashes and session ids')),
  ]),
  ['scope', scopes],
  ['groups', texts(groupName)],
])

/** The text of an id_token; one that holds no claims is replaced as a whole. */
export const idToken: Rule = (value, place) => {
  const given = typeof value === 'string' ? parsed(value) : value
  if (given === undefined) return text('id_tokens', (words, { fakeData }) => fakeData.words(words))(value, place)
  if (!isObject(given)) return pythonText(scrubForeign(given, 'claims', place))
  const names = freshNames(place)
  const members = Object.entries(given).map(([name, member]) => {
    const rule = claims.get(name) ?? claim
    return [names(name), rule(member, within(place, `${place.path}.${claims.has(name) ? name : '…'}`))]
  })
  return pythonText(Object.fromEntries(members))
}

function parsed(idToken: string): Json | undefined {
  try {
    return JSON.parse(idToken)
  } catch {
    return undefined
  }
}
