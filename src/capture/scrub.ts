import {
  providerFields,
  type RefreshTokenBody,
  refreshTokenFields,
  userFields,
} from '../api/v3/oauth2/refresh_tokens/schema.js'
import { avatarOf } from '../world/computed.js'
import { jsonbText, pythonText } from '../world/json.js'
import type { Attributes, Json } from '../world/model.js'
import { createCounts } from './counts.js'
import type { Fakes } from './fakes.js'
import { type Known, learn } from './known.js'
import { createTexts, type Texts } from './texts.js'

type Fields = Record<string, Json>
type Replace = (value: Json, whole: Fields) => Json

export interface Scrubbed {
  /** The bodies, compact, as authentik would write them. */
  texts: string[]
  /** How many different values of each kind were replaced. */
  summary: string
}

/** A client_id that authentik drew tells nothing; another one was chosen by somebody. */
const DRAWN_ID = /^[A-Za-z0-9]{40}$/
const HASHED_ID = /^[0-9a-f]{64}$/
const USUAL_PATHS = new Set(['users', 'goauthentik.io', 'service-accounts', 'outposts', 'sources'])
/** Claims that say when and how a token was issued, not to whom. */
const KEPT_CLAIMS = new Set(['exp', 'iat', 'nbf', 'auth_time', 'acr', 'amr', 'scope', 'email_verified'])
const CLAIMS_OF_USER = {
  email: 'email',
  name: 'name',
  given_name: 'name',
  preferred_username: 'username',
  nickname: 'username',
} as const

/**
 * Replaces what tells of people and places. Keys, ids, dates and enums stay, and so does what follows from what: the
 * same person is the same one everywhere, in the id_token, too. A field that is not known is replaced like a claim.
 */
export function scrub(bodies: RefreshTokenBody[], fakes: Fakes): Scrubbed {
  const known = learn(bodies, fakes)
  const counts = createCounts()
  const texts = createTexts(known, fakes, counts)
  const { note } = counts

  const group = (name: Json) => text(name, 'group names', fakes.group)
  const url = (given: Json) => text(given, 'URLs', texts.url)
  const shaped = (kind: string) => (given: Json) => text(given, kind, fakes.shape)
  const clientId = (given: Json) =>
    text(given, 'client ids', (id) => (DRAWN_ID.test(id) ? id : (known.find(id) ?? fakes.shape(id))))

  const provider: Record<string, Replace> = {
    name: (given, { assigned_application_slug: slug, assigned_application_name: name }) => {
      const isUsual = given === `Provider for ${name}`
      const { name: other } = fakes.application(String(isUsual ? slug : `provider ${given}`))
      return note('provider names', given, isUsual ? `Provider for ${other}` : other)
    },
    assigned_application_slug: (given) => text(given, 'application slugs', (slug) => fakes.application(slug).slug),
    assigned_application_name: (given, { assigned_application_slug: slug }) =>
      text(given, 'application names', () => fakes.application(String(slug)).name),
    client_id: clientId,
    client_secret: shaped('client secrets'),
    redirect_uris: (given) =>
      Array.isArray(given)
        ? given.map((uri) => ({ ...(uri as Fields), url: url((uri as Fields)['url'] as Json) }))
        : text(given, 'URLs', (lines) => lines.split('\n').map(texts.url).join('\n')),
    backchannel_logout_uri: url,
    logout_uri: url,
  }
  for (const end of ['slug', 'name'])
    provider[`assigned_backchannel_application_${end}`] = (given, whole) =>
      provider[`assigned_application_${end}`]?.(given, {
        assigned_application_slug: whole['assigned_backchannel_application_slug'] as Json,
      }) as Json

  const groupFields: Record<string, Replace> = {
    name: group,
    parent_name: group,
    attributes: (given) => texts.value(given, undefined, 'attributes'),
  }

  function scrubUser(user: RefreshTokenBody['user'], own: Known | undefined): Fields {
    const { name, username, email } = known.personOf(user)
    const shownName = user.name.trim() === '' ? '' : name
    return replaced(
      user,
      {
        username: (given) => note('user names', given, username),
        name: (given) => note('names', given, shownName),
        email: (given) => text(given, 'e-mail addresses', () => email),
        avatar: (given) => note('avatars', given, avatarOf(shownName, username)),
        attributes: (given) => texts.value(given, own, 'attributes'),
        path: (given) => text(given, 'user paths', (path) => pathLike(path, known, fakes)),
        groups_obj: (given) => list(given, (each) => replaced(each, groupFields)),
        roles_obj: (given) => list(given, (each) => replaced(each, { name: group })),
      },
      userFields,
      (given) => texts.value(given, own, 'unknown fields'),
    )
  }

  function scrubIdToken(idToken: string, { user }: RefreshTokenBody, own: Known | undefined): string {
    const claims = parsedClaims(idToken)
    if (claims === undefined) return fakes.shape(idToken)
    const person = known.personOf(user)
    const ids = new Set([user.uid, user.uuid, String(user.pk)])
    const claim = (key: string, given: Json): Json => {
      const field = CLAIMS_OF_USER[key as keyof typeof CLAIMS_OF_USER]
      if (field !== undefined && given !== '' && given === user[field]) return note(`claims`, given, person[field])
      if (KEPT_CLAIMS.has(key)) return given
      switch (key) {
        case 'iss':
          return text(given, 'issuers', (issuer) => issuerLike(issuer, texts, fakes))
        case 'sub':
          return text(given, 'subjects', (sub) =>
            ids.has(sub) || HASHED_ID.test(sub) ? sub : texts.text(sub, own, 'subjects'),
          )
        case 'aud':
        case 'azp':
          return Array.isArray(given) ? given.map(clientId) : clientId(given)
        case 'groups':
          return Array.isArray(given) ? given.map((name) => group(name)) : texts.value(given, own, 'claims')
        case 'nonce':
          return shaped('nonces')(given)
        case 'at_hash':
        case 'c_hash':
        case 'sid':
        case 'jti':
          return shaped('hashes and session ids')(given)
        default:
          return texts.value(given, own, 'claims')
      }
    }
    return pythonText(Object.fromEntries(Object.entries(claims).map(([key, given]) => [key, claim(key, given)])))
  }

  function text(given: Json, kind: string, replacement: (text: string) => string): Json {
    return typeof given === 'string' && given !== '' ? note(kind, given, replacement(given)) : given
  }

  const scrubbed = bodies.map((body) => {
    const own = known.of(body.user.pk)
    return replaced(
      body,
      {
        provider: (given) =>
          replaced(given, provider, providerFields, (other) => texts.value(other, undefined, 'unknown fields')),
        user: () => scrubUser(body.user, own),
        id_token: (given) => scrubIdToken(String(given), body, own),
      },
      refreshTokenFields,
      (given) => texts.value(given, own, 'unknown fields'),
    )
  })
  return { texts: scrubbed.map((body) => bodyText(body)), summary: counts.summary() }
}

/** Replaces some fields, keeps the other ones that are known, and does `otherwise` with the rest. */
function replaced(
  whole: object | Json,
  replacements: Record<string, Replace>,
  fields?: object,
  otherwise: (given: Json) => Json = (given) => given,
): Fields {
  const entries = Object.entries(whole as Fields).map(([key, given]) => {
    const replace = replacements[key] ?? (fields === undefined || key in fields ? undefined : otherwise)
    return [key, replace === undefined ? given : replace(given, whole as Fields)]
  })
  return Object.fromEntries(entries)
}

function list(given: Json, replace: (member: Json) => Json): Json {
  return Array.isArray(given) ? given.map(replace) : given
}

function pathLike(path: string, known: Known, fakes: Fakes): string {
  const segments = path.split('/')
  return segments.map((part) => (USUAL_PATHS.has(part) ? part : (known.find(part) ?? fakes.shape(part)))).join('/')
}

/** The slug in it may be of an application that has another one by now. */
function issuerLike(issuer: string, texts: Texts, fakes: Fakes): string {
  const [, start, slug, end] = /^(.*\/application\/o\/)([^/]+)(\/.*)$/.exec(issuer) ?? []
  if (start === undefined || slug === undefined) return texts.url(issuer)
  return `${texts.url(start)}${fakes.application(slug).slug}${end}`
}

function parsedClaims(idToken: string): Attributes | undefined {
  try {
    const claims = JSON.parse(idToken)
    return claims !== null && typeof claims === 'object' && !Array.isArray(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

/** As authentik writes a body: compact, and attributes as its database keeps them. */
function bodyText(value: Json, key = ''): string {
  if (key === 'attributes') return jsonbText(value)
  if (Array.isArray(value)) return `[${value.map((member) => bodyText(member)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${bodyText(member, name)}`)
  return `{${members.join(',')}}`
}
