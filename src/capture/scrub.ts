import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import type { Json } from '../world/json.js'
import { jsonbText } from '../world/json.js'
import type { Fields, Place } from './anonymizer.js'
import type { FakeData } from './fake-data.js'
import { refreshTokenRule, userRule } from './fields.js'
import { createPseudonyms } from './pseudonyms.js'
import { createRemarks } from './remarks.js'
import { createTally } from './tally.js'

export interface Scrubbed {
  /** The bodies, compact, as authentik would write them. */
  texts: string[]
  /** How many different values of each kind were replaced. */
  replaced: string
  /** How many stayed, and why they may. */
  kept: string
  /** Where a target said what a real authentik never says, and something else stands there: a sentence for each path. */
  remarks: string[]
}

/**
 * Replaces every value and every name that is not provably harmless, and keeps what follows from what: the same
 * original has the same replacement everywhere.
 */
export function scrub(bodies: RefreshTokenBody[], fakeData: FakeData): Scrubbed {
  const shared = { fakeData, pseudonyms: createPseudonyms(fakeData), installId: fakeData.uuid('install id') }
  const read = (rule: typeof userRule, member?: 'user') => {
    const anonymizer = { ...shared, tally: createTally(), remarks: createRemarks() }
    const rows = (bodies as unknown as Fields[]).map((body) => {
      const place: Place = {
        ...anonymizer,
        path: member ?? '',
        around: body,
        user: fields(body, 'user'),
      }
      return rule((member === undefined ? body : body[member]) as Json, place)
    })
    return { ...anonymizer, rows }
  }
  // What a field says is known before the rows are written, wherever else it is said; people come first.
  read(userRule, 'user')
  read(refreshTokenRule)
  const { rows, tally, remarks } = read(refreshTokenRule)
  return {
    texts: rows.map((row) => bodyText(row)),
    replaced: tally.replaced(),
    kept: tally.kept(),
    remarks: remarks.sentences(),
  }
}

function fields(body: Fields, member: string): Fields {
  const value = body[member]
  return value !== null && typeof value === 'object' ? (value as Fields) : {}
}

/** As authentik writes a body: compact, and attributes as its database keeps them. */
function bodyText(value: Json, key = ''): string {
  if (key === 'attributes') return jsonbText(value)
  if (Array.isArray(value)) return `[${value.map((member) => bodyText(member)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${bodyText(member, name)}`)
  return `{${members.join(',')}}`
}
