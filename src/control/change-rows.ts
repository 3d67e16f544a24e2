import type { FastifyRequest } from 'fastify'
import type { RowChange } from '../world/change.js'
import type { Cause } from '../world/history.js'
import { formatInstant } from '../world/instant.js'
import type { World } from './worlds/world.js'

/** Changes rows of the world that a control request is about, as one change that this request is the cause of. */
export function changeRows(request: FastifyRequest, changes: RowChange[]): void {
  const world = request.findWorld()
  world.apply({ type: 'rows', changes, cause: causeOf(request, world) })
}

/** What the history of a row says of a control request. */
function causeOf({ method, url }: FastifyRequest, { database }: World): Cause {
  const [path = ''] = url.split('?')
  return { at: formatInstant(database.clock.now()), by: `${method} ${path.slice(0, MAX_SHOWN)}` }
}

const MAX_SHOWN = 200
