import { type RefreshTokenBody, refreshTokenFields } from '../routes/api/v3/oauth2/refresh_tokens/schema.js'
import { type Json, jsonbText } from '../world/json.js'
import type { Fakes } from './fakes.js'
import { scrubIdToken } from './id-token.js'
import { scrubProvider } from './provider.js'
import { createReplacing, replaced } from './replacing.js'
import { scrubUser } from './user.js'

export interface Scrubbed {
  /** The bodies, compact, as authentik would write them. */
  texts: string[]
  /** How many different values of each kind were replaced. */
  summary: string
}

/**
 * Replaces what tells of people and places. Keys, ids, dates and enums stay, and so does what follows from what: the
 * same person is the same one everywhere, in the id_token, too. A field that is not known is replaced like a claim.
 */
export function scrub(bodies: RefreshTokenBody[], fakes: Fakes): Scrubbed {
  const replacing = createReplacing(bodies, fakes)
  const { known, texts } = replacing
  const scrubbed = bodies.map((body) => {
    const { user } = body
    return replaced(
      body,
      {
        provider: (given) => scrubProvider(given, replacing),
        user: () => scrubUser(user, replacing),
        id_token: (given) => scrubIdToken(String(given), user, replacing),
      },
      refreshTokenFields,
      (given) => texts.value(given, known.of(user.pk), 'unknown fields'),
    )
  })
  return { texts: scrubbed.map((body) => bodyText(body)), summary: replacing.summary() }
}

/** As authentik writes a body: compact, and attributes as its database keeps them. */
function bodyText(value: Json, key = ''): string {
  if (key === 'attributes') return jsonbText(value)
  if (Array.isArray(value)) return `[${value.map((member) => bodyText(member)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${bodyText(member, name)}`)
  return `{${members.join(',')}}`
}
