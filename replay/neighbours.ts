import type { WireAnswer } from '../src/upstream/wire.js'
import type { Facts } from './facts.js'
import { bodyOf, type Recording, ReplayError, type Step } from './recording.js'
import type { Server } from './server.js'
import type { Sessions } from './sessions.js'
import { mapRow, type Values } from './values.js'

/** What the API calls a kind of row, and what the control API calls it. */
const SECTIONS: [path: RegExp, section: string][] = [
  [/^\/api\/v3\/core\/users\/(\d+)\/$/, 'users'],
  [/^\/api\/v3\/core\/applications\/([\w-]+)\/$/, 'applications'],
  [/^\/api\/v3\/core\/authenticated_sessions\/([\w-]+)\/$/, 'sessions'],
  [/^\/api\/v3\/providers\/oauth2\/(\d+)\/$/, 'providers'],
]

export interface Neighbourhood {
  facts: Facts
  recording: Recording
  server: Server
  sessions: Sessions
  values: Values
}

/**
 * Does by the control API what a recorded request did to rows of the API that this server does not serve: later steps
 * speak of it. The answer to the request itself is judged all the same.
 *
 * @throws ReplayError
 */
export async function doInstead(step: Step, { status }: WireAnswer, neighbourhood: Neighbourhood): Promise<void> {
  if (![404, 405, 501].includes(status)) return
  if (step.method !== 'DELETE' && step.method !== 'PATCH') return
  const { server, values } = neighbourhood
  for (const [pattern, section] of SECTIONS) {
    const [, key] = pattern.exec(mapRow(step.path, values)) ?? []
    if (key === undefined) continue
    const own = section === 'sessions' ? (sessionOf(key, neighbourhood) ?? key) : key
    const done = await server.control(step.method, `/_mock/${section}/${own}`, bodyFor(step, section))
    if (done.status >= 400 && step.status !== undefined && step.status < 400)
      throw new ReplayError(`${step.name}: ${step.method} /_mock/${section}/${own}: ${done.status} ${done.body}`)
  }
}

/** A provider without scope mappings has no scopes: the API names only the one, seeds both. */
function bodyFor({ body = '{}' }: Step, section: string): object {
  const fields = JSON.parse(body)
  return section === 'providers' && fields.property_mappings?.length === 0 ? { ...fields, scopes: [] } : fields
}

/** The session here of whoever had that one there. */
function sessionOf(key: string, { facts, recording, sessions }: Neighbourhood): string | undefined {
  const pattern = new RegExp(`"uuid":"${key}".*?"user":(\\d+)`)
  const users = recording.steps.flatMap((step) => pattern.exec(bodyOf(step, recording) ?? '')?.[1] ?? [])
  return sessions.keyOf([...facts.pks].find(([, pk]) => pk === users[0])?.[0] ?? '')
}
