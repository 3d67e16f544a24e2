import type { FastifyInstance } from 'fastify'
import { jsonText } from '../../world/json.js'
import { FixtureError, nearest, quote } from '../../world/load/mistakes.js'
import { Fault, FaultSeed } from '../bodies.js'
import { ControlError } from '../problem.js'
import { addedRoutes } from './added.js'
import { answers } from './route-schemas.js'

const MAX_FAULTS = 100
const MAX_FAULT_BYTES = 1024 * 1024

/** What is to go wrong. */
export function faultRoutes(app: FastifyInstance): void {
  const one = { description: 'the fault, and how often it struck', schema: Fault }
  addedRoutes(app, {
    name: 'faults',
    word: 'fault',
    one,
    summaries: { list: 'All faults, in the order in which they are asked', clear: 'Take all faults away' },
    clear: { type: 'faults cleared' },
    remove: (id) => ({ type: 'fault removed', id }),
  })

  app.post<{ Body: FaultSeed }>(
    '/_mock/faults',
    { schema: { summary: 'Add a fault', body: FaultSeed, response: answers({ 201: one }, 422) } },
    async (request, reply) => {
      const { status, preset, headers, body } = request.body
      if (status === undefined && preset === undefined && (headers !== undefined || body !== undefined)) {
        const path = headers === undefined ? 'body' : 'headers'
        throw new FixtureError([
          { file: 'body', path, found: 'no status and no preset', allowed: `${path} together with one of them` },
        ])
      }
      // Node throws where it meets one.
      const trailer = Object.keys(headers ?? {}).find((name) => name.toLowerCase() === 'trailer')
      if (trailer !== undefined)
        throw new FixtureError([
          { file: 'body', path: `headers.${trailer}`, found: 'a trailer', allowed: 'other headers' },
        ])
      await refuseMisspeltGrant(request.body)
      refuseOrder(request.body)
      refuseLonely(request.body)
      refuseLarge(request.body)
      const world = request.findWorld()
      if (world.faults.size >= MAX_FAULTS)
        throw new ControlError(422, `found ${world.faults.size} faults in this world; allowed: ${MAX_FAULTS}`)
      const fault = world.faults.plan(request.body)
      world.apply({ type: 'fault added', fault })
      return reply.code(201).send(fault)
    },
  )
}

/** A client may send types that nobody knows, and a fault may be for them; but not for one that is nearly known. */
async function refuseMisspeltGrant({ grant }: FaultSeed): Promise<void> {
  if (grant === undefined) return
  const { GRANTS } = await import('../../oauth2/grants/grants.js')
  if (Object.hasOwn(GRANTS, grant)) return
  const short = (type: string) => type.slice(type.lastIndexOf(':') + 1)
  const known = Object.keys(GRANTS)
  const near = nearest(short(grant), known.map(short))
  const meant = known.find((type) => short(type) === near || short(type).includes(short(grant)))
  if (meant === undefined) return
  throw new FixtureError([{ file: 'body', path: 'grant', found: quote(grant), allowed: `did you mean ${meant}?` }])
}

function refuseOrder({ barrier, order }: FaultSeed): void {
  if (order === undefined) return
  const refuse = (allowed: string) => {
    throw new FixtureError([{ file: 'body', path: 'order', found: quote(order), allowed }])
  }
  if (barrier === undefined) return refuse('order together with barrier')
  const isOrder =
    order.length === barrier && order.every((place, i) => order.indexOf(place) === i && place >= 1 && place <= barrier)
  if (!isOrder) refuse(`each number from 1 to ${barrier} once`)
}

/** Whoever it does not strike does not come to its barrier. */
function refuseLonely({ barrier = 0, times = barrier }: FaultSeed): void {
  if (times >= barrier) return
  const allowed = `at least ${barrier}, as so many requests wait for each other`
  throw new FixtureError([{ file: 'body', path: 'times', found: quote(times), allowed }])
}

/** Faults are kept for as long as their world. */
function refuseLarge(fault: FaultSeed): void {
  const bytes = Buffer.byteLength(jsonText(fault))
  if (bytes <= MAX_FAULT_BYTES) return
  throw new FixtureError([
    { file: 'body', path: '', found: `a fault of ${bytes} bytes`, allowed: `at most ${MAX_FAULT_BYTES} bytes` },
  ])
}
