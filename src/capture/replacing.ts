import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/schema.js'
import type { Json } from '../world/json.js'
import { createCounts } from './counts.js'
import type { Fakes } from './fakes.js'
import { type Known, learn } from './known.js'
import { createTexts, type Texts } from './texts.js'

export type Fields = Record<string, Json>
export type Replace = (value: Json, whole: Fields) => Json

/** What all replacements of one capture share. */
export interface Replacing {
  known: Known
  fakes: Fakes
  texts: Texts
  /** Counts a replacement, and returns it. */
  note: <T extends Json>(kind: string, given: Json, replacement: T) => T
  /** Replaces a text that is not empty; anything else stays. */
  text(given: Json, kind: string, replacement: (text: string) => string): Json
  group: (name: Json) => Json
  url: (given: Json) => Json
  clientId: (given: Json) => Json
  /** Something of the same length and alphabet. */
  shaped(given: Json, kind: string): Json
  summary(): string
}

/** A client_id that authentik drew tells nothing; another one was chosen by somebody. */
const DRAWN_ID = /^[A-Za-z0-9]{40}$/

export function createReplacing(bodies: RefreshTokenBody[], fakes: Fakes): Replacing {
  const known = learn(bodies, fakes)
  const counts = createCounts()
  const texts = createTexts(known, fakes, counts)
  const { note } = counts

  function text(given: Json, kind: string, replacement: (text: string) => string): Json {
    return typeof given === 'string' && given !== '' ? note(kind, given, replacement(given)) : given
  }

  return {
    known,
    fakes,
    texts,
    note,
    text,
    group: (name) => text(name, 'group names', fakes.group),
    url: (given) => text(given, 'URLs', texts.url),
    clientId: (given) =>
      text(given, 'client ids', (id) => (DRAWN_ID.test(id) ? id : (known.find(id) ?? fakes.shape(id)))),
    shaped: (given, kind) => text(given, kind, fakes.shape),
    summary: counts.summary,
  }
}

/** Replaces some fields, keeps the other ones that are known, and does `otherwise` with the rest. */
export function replaced(
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
