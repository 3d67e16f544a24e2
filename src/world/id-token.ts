import { issuerOf, scopeClaims, subjectOf } from './claims.js'
import type { Micros } from './instant.js'
import { type Attributes, type Json, pythonText } from './json.js'
import type { Application } from './kinds/applications.js'
import type { Group } from './kinds/groups.js'
import type { Provider } from './kinds/providers.js'
import type { User } from './kinds/users.js'
import { parseJson } from './load/json-text.js'
import type { Lookup } from './table.js'

/** What stood in the id_token at its issue: the text itself, or the claims that a release turns into text. */
export type IdToken = string | IssuedClaims

export interface IssuedClaims {
  /** In order, `jti` (2026.2 and later) included. */
  base: Attributes
  /** Of the scope mappings, or as a seed gives them. */
  claims: Attributes
  /** The claims come from authentik's own mappings, of which `email_verified` differs between releases. */
  mapped: boolean
}

const ACR = 'goauthentik.io/providers/oauth2/default'

/** What an id_token is made of, beside its provider and user. Moments are microseconds since 1970. */
export interface Issue {
  scope: string[]
  expires: Micros
  issued: Micros
  authTime: Micros
  jti: string
  amr?: string[] | undefined
  c_hash?: string | undefined
  nonce?: string | undefined
  at_hash?: string | undefined
  sid?: string | undefined
  /** Instead of what the scope mappings of the provider would yield. */
  claims?: Attributes | undefined
}

export interface IssuePlace {
  installId: string
  baseUrl: string
  groups: Lookup<string, Group>
}

/** For whom, and by which client, an id_token is issued. */
export interface Parties {
  provider: Provider
  application: Pick<Application, 'slug'> | undefined
  user: User
}

/**
 * The claims of an id_token, frozen at the issue: later changes of user or provider leave them as they are.
 *
 * @param mapped what the scope mappings yield, where that is known already
 */
export function issueClaims(
  issue: Issue,
  { provider, application, user }: Parties,
  place: IssuePlace,
  mapped?: Attributes,
): IssuedClaims {
  const base: Attributes = {}
  const issuer = issuerOf(provider, application, place.baseUrl)
  if (issuer !== undefined) base.iss = issuer
  base.sub = subjectOf(provider, user, place.installId)
  base.aud = provider.client_id
  base.exp = seconds(issue.expires)
  base.iat = seconds(issue.issued)
  base.auth_time = seconds(issue.authTime)
  base.acr = ACR
  if (issue.amr !== undefined) base.amr = issue.amr
  if (issue.c_hash !== undefined) base.c_hash = issue.c_hash
  if (issue.nonce !== undefined) base.nonce = issue.nonce
  if (issue.at_hash !== undefined) base.at_hash = issue.at_hash
  if (issue.sid !== undefined) base.sid = issue.sid
  base.jti = issue.jti
  if (issue.claims !== undefined) return { base, claims: issue.claims, mapped: false }
  const isMapped = provider.include_claims_in_id_token
  const claims = mapped ?? (isMapped ? scopeClaims(issue.scope, provider, user, place.groups) : {})
  return { base, claims, mapped: true }
}

/** The same claims with a hash of the access token that goes with them, in its place. */
export function withAtHash(claims: IssuedClaims, at_hash: string): IssuedClaims {
  const { sid, jti, ...before } = claims.base
  const after = { ...(sid !== undefined && { sid }), ...(jti !== undefined && { jti }) }
  return { ...claims, base: { ...before, at_hash, ...after } }
}

/** What differs between releases. */
export interface ClaimTraits {
  emailVerified: boolean
  jti: boolean
}

/** The text of an id_token. */
export function idTokenText(idToken: IdToken, release: ClaimTraits): string {
  return typeof idToken === 'string' ? idToken : pythonText(releasedClaims(idToken, release))
}

/** The claims of an id_token, in order. A text that is no object has none. */
export function idTokenClaims(idToken: IdToken, release: ClaimTraits): Attributes {
  return typeof idToken === 'string' ? parseObject(idToken) : releasedClaims(idToken, release)
}

/** One of the claims that no release changes; undefined where it is not there. */
export function claimOf(idToken: IdToken, name: 'auth_time' | 'nonce'): Json | undefined {
  if (typeof idToken === 'string') return parseObject(idToken)[name]
  const { base, claims } = idToken
  return Object.hasOwn(claims, name) ? claims[name] : base[name]
}

function releasedClaims({ base, claims, mapped }: IssuedClaims, release: ClaimTraits): Attributes {
  const all: Attributes = {}
  for (const part of [base, claims])
    for (const name in part) if (name !== 'jti' || release.jti) all[name] = part[name] as Json
  if (mapped && 'email_verified' in all) all.email_verified = release.emailVerified
  return all
}

function parseObject(text: string): Attributes {
  try {
    const value = parseJson(text, 'id_token') as Json
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {}
  } catch {
    return {}
  }
}

function seconds(moment: Micros): number {
  return Math.floor(moment / 1e6)
}
