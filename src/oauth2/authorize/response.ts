import { Crash } from '../../python/crash.js'
import { joinUrl, quote, splitUrl, urlEncode } from '../../python/url.js'
import type { RowChange } from '../../world/change.js'
import type { IssuedClaims } from '../../world/id-token.js'
import { microsOf } from '../../world/instant.js'
import type { Session } from '../../world/kinds/sessions.js'
import { putCode } from '../codes.js'
import { AUTHORIZE_ERRORS, type RedirectRefusal } from '../errors.js'
import type { OAuthRequest } from '../request.js'
import { expiresIn, halfHash, type Occasion, putAccessToken, signBoundTokens, signTokens } from '../tokens.js'
import type { OAuth2Release } from '../traits.js'
import { type AuthorizeRequest, RESPONSE_TYPES, type WayBack } from './params.js'

/** What leads back to a client: an address, or a form that is posted to one. */
export type WayOut = { location: string } | { post: string; fields: [string, string][] }

/** A refusal as its client reads it. Neither the query of the address nor the state is looked at. */
export function refusalLocation(
  { redirectUri, state, isFragment }: WayBack,
  { code, description = AUTHORIZE_ERRORS[code] }: RedirectRefusal,
): string {
  const mark = isFragment ? '#' : '?'
  const said = `error=${code}&error_description=${quote(description)}`
  return `${redirectUri}${mark}${said}${state === '' ? '' : `&state=${state}`}`
}

/**
 * Gives a client what it asked for: codes and tokens become rows.
 *
 * @throws Crash
 */
export async function respond(
  request: OAuthRequest,
  asked: AuthorizeRequest,
  session: Session,
  apply: (change: RowChange) => void,
): Promise<WayOut> {
  const { client, scope, redirectUri, responseMode, responseType, state, nonce, challenge } = asked
  const { grant } = RESPONSE_TYPES[responseType]
  const authTime = microsOf(session.auth_time)
  const occasion: Occasion = { client, user: session.user, scope, session: session.pk, authTime }
  let code: string | undefined
  if (grant !== 'implicit') {
    const made = putCode(request, occasion, { nonce, ...challenge })
    apply(made.change)
    code = made.code
  }
  if (responseMode === 'query') {
    if (code === undefined) throw new Crash('a code in the query for a response type without one')
    return { location: inQuery(redirectUri, code, state) }
  }
  const fields: [string, string][] =
    grant === 'code' && code !== undefined
      ? [
          ['code', code],
          ['state', state],
        ]
      : await issueTokens(request, asked, occasion, code, apply)
  // authentik reads the form back from a query, and what is empty gets lost.
  if (responseMode === 'form_post') return { post: redirectUri, fields: fields.filter(([, value]) => value !== '') }
  const parts = splitUrl(redirectUri)
  return { location: joinUrl({ ...parts, fragment: `${parts.fragment}${urlEncode(fields)}` }) }
}

/** An access token becomes a row even where it is not handed out. */
async function issueTokens(
  request: OAuthRequest,
  { client, responseType, nonce, state }: AuthorizeRequest,
  occasion: Occasion,
  code: string | undefined,
  apply: (change: RowChange) => void,
): Promise<[string, string][]> {
  const { hasIdToken } = RESPONSE_TYPES[responseType]
  const handsOut = handsOutAccessToken(responseType, request.release)
  const extra = { nonce, ...(hasIdToken && code !== undefined && { c_hash: halfHash(code) }) }
  const sign = handsOut && hasIdToken ? signBoundTokens : signTokens
  const signed = await sign(request, occasion, extra)
  // The row of a token that came with an id_token keeps none of the claims of its scopes.
  const row = hasIdToken ? { ...signed.row, id_token: withoutClaims(signed.row.id_token as IssuedClaims) } : signed.row
  apply(putAccessToken(request, { ...signed, row }))
  return [
    ...(handsOut ? [['access_token', signed.access_token] as [string, string]] : []),
    ...(hasIdToken ? [['id_token', signed.id_token] as [string, string]] : []),
    ...(code === undefined ? [] : [['code', code] as [string, string]]),
    ['token_type', 'Bearer'],
    ['expires_in', String(expiresIn(client))],
    ['state', state],
  ]
}

function withoutClaims(idToken: IssuedClaims): IssuedClaims {
  return { ...idToken, claims: {} }
}

function handsOutAccessToken(type: AuthorizeRequest['responseType'], { oauth2 }: OAuth2Release): boolean {
  if (type === 'id_token') return oauth2.idTokenAlone === 'with an access token'
  return RESPONSE_TYPES[type].hasAccessToken
}

/** The query of the address is read and written anew, without what is empty. */
function inQuery(uri: string, code: string, state: string): string {
  const parts = splitUrl(uri)
  const pairs = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(parts.query))
    if (value !== '') pairs.set(name, [...(pairs.get(name) ?? []), value])
  pairs.set('code', [code]).set('state', [state])
  const all = [...pairs].flatMap(([name, values]) => values.map((value) => [name, value] as const))
  return joinUrl({ ...parts, query: urlEncode(all) })
}
