import { OAUTH2_WORDS, type OAuth2Traits } from '../oauth2/traits.js'
import type { Release, Traits } from './releases.js'

/** What changes from one release to another, in words. */
export interface Change {
  what: 'body' | 'answers'
  text: string
}

/** The objects of a body whose keys the table of releases lists. */
const OBJECTS = { providerKeys: 'provider', userKeys: 'user', groupKeys: 'group', listKeys: 'list' } as const

/** How the other traits read. */
const WORDS: { [T in Exclude<keyof Traits, keyof typeof OBJECTS>]?: (value: Traits[T]) => string } = {
  redirectUris: (form) =>
    `provider.redirect_uris is ${form === 'lines' ? 'one text, a URI a line' : 'a list of {matching_mode, url}'}`,
  emailVerified: (verified) => `email_verified in an id_token is ${verified}`,
  jti: (has) => `an id_token has ${has ? 'a' : 'no'} jti`,
  missingRow: (text) => `an id without a row: 404 ${JSON.stringify(text.replace('{model}', 'RefreshToken'))}`,
  emptyPage: (page) => `?page= (empty): ${page === 'first' ? 'page 1' : '404 Invalid page.'}`,
  nullCharacters: (state) =>
    `a null character in user, provider or search: ${state === 'refused' ? '400 Null characters are not allowed.' : 'no error of its own'}`,
  pageSize: (size) => `page_size by default: ${size}`,
  maxPageSize: (size) => `page_size at the most: ${size === Number.MAX_SAFE_INTEGER ? 'any' : size}`,
  includeRoles: (read) => `?include_roles= is ${read ? 'read' : 'ignored'}`,
  otherSchemes: (state) =>
    `Authorization with another scheme than Bearer: ${state === 'refused' ? '403' : 'as without it'}`,
  languages: (read) =>
    `Accept-Language is ${read ? 'read, messages are translated, and Content-Language says into what' : 'ignored'}`,
  jsonType: (type) => `Content-Type of JSON: ${type}`,
  impossibleHost: (ends) => `an impossible Host: 404 ${ends === 'chunked' ? 'in chunks' : 'with Content-Length: 0'}`,
  livenessBy: (who) => `/-/health/live/ is answered by the ${who === 'front' ? 'front server' : 'application'}`,
  metricsStatus: (status) => `/-/metrics/: ${status}`,
  expiredToken: (state) =>
    `an expired API token is ${state === 'deleted' ? 'deleted when it is used' : 'refused, and stays'}`,
  starting: (state) => `while authentik starts: ${state === 'unavailable' ? '503 with Retry-After' : '502'}`,
}

export function changesBetween(before: Release, after: Release): Change[] {
  const changes: Change[] = []
  for (const [trait, object] of Object.entries(OBJECTS) as [keyof typeof OBJECTS, string][]) {
    for (const text of keyChanges(object, before[trait], after[trait])) changes.push({ what: 'body', text })
  }
  for (const [trait, describe] of Object.entries(WORDS) as [keyof Traits, (value: unknown) => string][]) {
    if (before[trait] === after[trait]) continue
    if (trait === 'redirectUris' && !after.providerKeys.includes('redirect_uris')) continue
    const isBody = ['redirectUris', 'emailVerified', 'jti'].includes(trait)
    changes.push({ what: isBody ? 'body' : 'answers', text: changeText(describe, before[trait], after[trait]) })
  }
  for (const [trait, describe] of Object.entries(OAUTH2_WORDS) as [keyof OAuth2Traits, (value: unknown) => string][]) {
    if (before.oauth2[trait] === after.oauth2[trait]) continue
    changes.push({ what: 'answers', text: changeText(describe, before.oauth2[trait], after.oauth2[trait]) })
  }
  return changes
}

function changeText(describe: (value: unknown) => string, before: unknown, after: unknown): string {
  return `${describe(after)} (was: ${describe(before).replace(/^.*?(?:: | is | are | has )/, '')})`
}

function keyChanges(object: string, before: string[], after: string[]): string[] {
  const gone = before.filter((key) => !after.includes(key)).map((key) => `- ${object}.${key}`)
  const come = after.flatMap((key, i) =>
    before.includes(key) ? [] : `+ ${object}.${key}, ${i === 0 ? 'first' : `after ${after[i - 1]}`}`,
  )
  return [...gone, ...come]
}
