import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { jsonText } from '../../world/json.js'
import { EventsQuery } from '../bodies.js'
import type { Journal } from '../journal/journal.js'
import { hasLeft, type Waits } from '../waits.js'
import { answers } from './route-schemas.js'

/** Proxies close what is silent for long. */
const SILENT_SECONDS = 15
/** Whoever reads need not be told more often. */
const PAUSE_MILLISECONDS = 50
const MAX_AT_ONCE = 1000

/** The journal as it grows. */
export function eventRoutes(app: FastifyInstance): void {
  app.get<{ Querystring: EventsQuery }>(
    '/_mock/requests/events',
    {
      config: { isOfJournal: true },
      schema: {
        summary: 'The journal as it grows: server-sent events, each the entries since the one before it',
        querystring: EventsQuery,
        response: {
          ...answers({}, 429),
          200: {
            description: 'lists of entries; the id of an event is that of its last entry',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
        },
      },
    },
    (request, reply) => {
      const { journal } = request.findWorld()
      journal.refuseCrowd()
      const stream = Readable.from(eventsOf(journal, request.query, request.control.waits, request.raw.socket))
      return reply.type('text/event-stream').header('Cache-Control', 'no-store').send(stream)
    },
  )
}

/** Ends with the world, with the mock, and with the connection. */
async function* eventsOf(journal: Journal, query: EventsQuery, waits: Waits, socket: Socket): AsyncGenerator<string> {
  let since = query.since ?? 0
  const isOver = () => hasLeft(socket) || waits.isOver || journal.isClosed
  // So that a client knows that it is heard before anything happens.
  yield ': begun\n\n'
  while (!isOver()) {
    const { requests } = await journal.find({ ...query, since, limit: MAX_AT_ONCE }, socket)
    const last = requests.at(-1)
    if (last !== undefined) {
      since = last.id
      yield `id: ${since}\ndata: ${jsonText(requests)}\n\n`
    }
    const { count } = await journal.wait({ ...query, since, limit: 0, wait: SILENT_SECONDS }, waits, socket)
    if (count === 0) yield ': nothing yet\n\n'
    else await new Promise<void>((resolve) => waits.after(PAUSE_MILLISECONDS, resolve, socket))
  }
}
