import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import type { Neighbour } from '../upstream/neighbours.js'
import type { NeighbourBody } from '../upstream/read-neighbours.js'
import type { Json } from '../world/json.js'
import { jsonbText } from '../world/json.js'
import type { Anonymizer, Fields, Place, Rule } from './anonymizer.js'
import type { FakeData } from './fake-data.js'
import { applicationRule, providerRule, refreshTokenRule, userRule } from './fields.js'
import { createPseudonyms } from './pseudonyms.js'
import { createRemarks } from './remarks.js'
import { createTally } from './tally.js'

export interface Scrubbed {
  /** The bodies, compact, as authentik would write them. */
  texts: string[]
  /** The same of what stands next to them. */
  neighbours: { [section: string]: string[] }
  /** How many different values of each kind were replaced. */
  replaced: string
  /** How many stayed, and why they may. */
  kept: string
  /** Where a target said what a real authentik never says, and something else stands there: a sentence for each path. */
  remarks: string[]
}

/** What stands next to refresh tokens, by section. */
export type NeighbourBodies = { [S in Neighbour]?: NeighbourBody[] }

const NEIGHBOUR_RULES: Record<Neighbour, Rule> = {
  users: userRule,
  providers: providerRule,
  applications: applicationRule,
}

/**
 * Replaces every value and every name that is not provably harmless, and keeps what follows from what: the same
 * original has the same replacement everywhere.
 */
export function scrub(bodies: RefreshTokenBody[], fakeData: FakeData, beside: NeighbourBodies = {}): Scrubbed {
  const shared = { fakeData, pseudonyms: createPseudonyms(fakeData), installId: fakeData.uuid('install id') }
  const anonymizer = (): Anonymizer => ({ ...shared, tally: createTally(), remarks: createRemarks() })
  const rows = bodies as unknown as Fields[]
  const sections = Object.entries(beside) as [Neighbour, NeighbourBody[]][]

  const readRow = (place: Anonymizer, body: Fields) =>
    refreshTokenRule(body, { ...place, path: '', around: body, user: fields(body, 'user') })
  const readUser = (place: Anonymizer, body: Fields) => {
    const user = fields(body, 'user')
    return userRule(body['user'] as Json, { ...place, path: 'user', around: body, user })
  }
  const readBeside = (place: Anonymizer, section: Neighbour, body: Fields) => {
    const user = section === 'users' ? body : {}
    return NEIGHBOUR_RULES[section](body, { ...place, path: `${section}[]`, around: body, user } satisfies Place)
  }
  const readAll = (place: Anonymizer) => ({
    neighbours: Object.fromEntries(
      sections.map(([section, bodies]) => [section, bodies.map((body) => bodyText(readBeside(place, section, body)))]),
    ),
    texts: rows.map((body) => bodyText(readRow(place, body))),
  })

  // What a field says is known before the rows are written, wherever else it is said; people come first.
  const people = anonymizer()
  for (const body of rows) readUser(people, body)
  for (const body of beside.users ?? []) readBeside(people, 'users', body)
  readAll(anonymizer())
  const last = anonymizer()
  const read = readAll(last)
  return {
    ...read,
    replaced: last.tally.replaced(),
    kept: last.tally.kept(),
    remarks: last.remarks.sentences(),
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
