import { Crash } from '../../python/crash.js'
import { parseInteger } from '../../python/integer.js'
import { words } from '../../python/text.js'
import type { RowChange } from '../../world/change.js'
import type { Database } from '../../world/database.js'
import { CHALLENGE_METHODS } from '../../world/kinds/authorization-codes.js'
import type { Provider } from '../../world/kinds/providers.js'
import { PageRefusal, RedirectRefusal, unknownChallengeMethod } from '../errors.js'
import { findClient, sayable } from '../find.js'
import { isForbidden, isListed } from '../redirect-uris.js'
import { OFFLINE_ACCESS, OPENID, readScope } from '../scopes.js'
import type { OAuth2Release } from '../traits.js'

/** What comes of a response type: a code, tokens, or both. */
export const RESPONSE_TYPES = {
  code: { grant: 'code', hasAccessToken: false, hasIdToken: false },
  id_token: { grant: 'implicit', hasAccessToken: true, hasIdToken: true },
  'id_token token': { grant: 'implicit', hasAccessToken: true, hasIdToken: true },
  'code token': { grant: 'hybrid', hasAccessToken: true, hasIdToken: false },
  'code id_token': { grant: 'hybrid', hasAccessToken: false, hasIdToken: true },
  'code id_token token': { grant: 'hybrid', hasAccessToken: true, hasIdToken: true },
} as const

export type ResponseType = keyof typeof RESPONSE_TYPES
const RESPONSE_MODES = ['query', 'fragment', 'form_post'] as const
export type ResponseMode = (typeof RESPONSE_MODES)[number]

/** The parameters of an authorization request, by name. */
export type Parameters = (name: string) => string | undefined

/** An authorization request that may go on. */
export interface AuthorizeRequest {
  client: Provider
  redirectUri: string
  responseType: ResponseType
  responseMode: ResponseMode
  scope: string[]
  state: string
  nonce: string | null
  prompt: Prompt
  /** In seconds. Undefined: any. */
  maxAge: number | undefined
  challenge: { code_challenge: string; code_challenge_method: 'plain' | 'S256' } | undefined
}

export interface Prompt {
  none: boolean
  consent: boolean
  login: boolean
}

/** Where a refusal is told. */
export interface WayBack {
  redirectUri: string
  state: string
  /** Unknown response types are told in the query. */
  isFragment: boolean
}

export interface ReadingSettings {
  database: Database
  release: OAuth2Release
  /** For the little that authentik writes before it has judged a request. */
  apply(change: RowChange): void
  /** Is told where refusals go, as soon as that is known. */
  onWayBack(way: WayBack): void
}

/**
 * Judges the parameters of an authorization request, in authentik's order.
 *
 * @throws PageRefusal | RedirectRefusal | Crash
 */
export async function readAuthorizeRequest(
  parameter: Parameters,
  settings: ReadingSettings,
): Promise<AuthorizeRequest> {
  const { release, onWayBack } = settings
  const maxAge = readMaxAge(parameter('max_age'))
  const client = requireClient(parameter('client_id') ?? '', settings)
  const redirectUri = await requireRedirectUri(client, parameter('redirect_uri') ?? '', settings)
  const state = parameter('state') ?? ''
  onWayBack({ redirectUri, state, isFragment: false })
  const responseType = requireResponseType(parameter('response_type') ?? '')
  const { grant, hasIdToken } = RESPONSE_TYPES[responseType]
  onWayBack({ redirectUri, state, isFragment: grant !== 'code' })

  const prompt = readPrompt(parameter('prompt') ?? '')
  const scope = requireScope(client, parameter('scope') ?? '', responseType)
  if (scope.includes(OFFLINE_ACCESS) && release.oauth2.offlineAccess === 'forces consent') prompt.consent = true
  const nonce = parameter('nonce') ?? null
  const challenge = readChallenge(parameter)
  const late = () => {
    if (hasIdToken && scope.includes(OPENID) && !nonce) throw new RedirectRefusal('invalid_request', 'no nonce')
    requireMethod(challenge)
  }
  if (release.oauth2.requestParameter === 'judged last') late()
  if (parameter('request'))
    throw new RedirectRefusal('request_not_supported', 'the parameter `request` is not supported')
  late()
  return {
    ...{ client, redirectUri, responseType, state, nonce, prompt, maxAge },
    responseMode: readMode(parameter('response_mode'), grant),
    // Without a code there is nobody to whom a refresh token could be given.
    scope: grant === 'implicit' ? scope.filter((name) => name !== OFFLINE_ACCESS) : scope,
    challenge: challenge as AuthorizeRequest['challenge'],
  }
}

function readMaxAge(text: string | undefined): number | undefined {
  if (!text) return undefined
  const seconds = parseInteger(text)
  if (seconds === undefined) throw new Crash(`max_age ${JSON.stringify(text)}`)
  return seconds === 0 ? undefined : seconds
}

function requireClient(id: string, { database }: ReadingSettings): Provider {
  const client = findClient(database, id)
  if (client === undefined)
    throw new PageRefusal('client', id === '' ? 'no client_id was sent' : `there is no client ${JSON.stringify(id)}`)
  return client
}

/** A provider without redirect URIs keeps the first that anybody names. */
async function requireRedirectUri(client: Provider, uri: string, { apply }: ReadingSettings): Promise<string> {
  if (uri === '') throw new PageRefusal('redirect', 'no redirect_uri')
  if (client.redirect_uris.length === 0)
    apply({
      type: 'put',
      section: 'providers',
      row: { ...client, redirect_uris: [{ matching_mode: 'strict', url: sayable(uri) }] } satisfies Provider,
    })
  else if (!(await isListed(client, uri)))
    throw new PageRefusal('redirect', `redirect URI ${JSON.stringify(uri)} is not listed at provider ${client.name}`)
  if (isForbidden(uri)) throw new PageRefusal('redirect', `the scheme of ${JSON.stringify(uri)} is forbidden`)
  return uri
}

function requireResponseType(type: string): ResponseType {
  if (Object.hasOwn(RESPONSE_TYPES, type)) return type as ResponseType
  throw new RedirectRefusal('unsupported_response_type', `response type ${JSON.stringify(type)} is unknown`)
}

function readMode(mode: string | undefined, grant: string): ResponseMode {
  const known = RESPONSE_MODES.find((one) => one === mode)
  return known ?? (grant === 'code' ? 'query' : 'fragment')
}

/** Unknown ones are ignored. */
function readPrompt(text: string): Prompt {
  const named = words(text)
  return { none: named.includes('none'), consent: named.includes('consent'), login: named.includes('login') }
}

/** All of the provider's where none is named. */
function requireScope(client: Provider, text: string, type: ResponseType): string[] {
  const scope = words(text).length === 0 ? client.scopes : readScope(text, client)
  if (type !== 'code' && !scope.includes(OPENID))
    throw new RedirectRefusal('invalid_scope', `response type ${type} needs the scope openid`)
  return scope
}

/** A method counts only with a challenge. */
function readChallenge(parameter: Parameters): { code_challenge: string; code_challenge_method: string } | undefined {
  const code_challenge = parameter('code_challenge')
  if (!code_challenge) return undefined
  return { code_challenge, code_challenge_method: parameter('code_challenge_method') ?? 'plain' }
}

function requireMethod(challenge: ReturnType<typeof readChallenge>): void {
  if (challenge === undefined) return
  const { code_challenge_method: method } = challenge
  if ((CHALLENGE_METHODS as readonly string[]).includes(method)) return
  const reason = `challenge method ${JSON.stringify(method)} is unknown`
  throw new RedirectRefusal('invalid_request', reason, unknownChallengeMethod(method))
}
