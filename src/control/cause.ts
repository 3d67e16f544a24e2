import type { FastifyRequest } from 'fastify'
import type { Cause } from '../world/history.js'
import { formatInstant } from '../world/instant.js'
import type { World } from './world.js'

/** What the history of a row says of a control request. */
export function causeOf({ method, url }: FastifyRequest, { database }: World): Cause {
  const [path = ''] = url.split('?')
  return { at: formatInstant(database.clock.now()), by: `${method} ${path.slice(0, MAX_SHOWN)}` }
}

const MAX_SHOWN = 200
