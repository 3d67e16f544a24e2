import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../world/clock.js'
import type { Database } from '../../world/database.js'
import { formatInstant, microsOf, parseDuration, parseInstant } from '../../world/instant.js'
import { ControlError } from '../problem.js'
import { ClockAdvance, ClockChange, ClockState } from '../schema.js'
import { answers, realmAsked } from './route.js'

/** How far before or after its expiry a row is looked at. */
const MARGIN = 1e6

/** The time of a world. */
export function clockRoutes(app: FastifyInstance): void {
  const response = answers({ 200: { description: 'the clock', schema: ClockState } })

  app.get('/_mock/clock', { schema: { summary: 'The time of the world', response } }, (request) =>
    clockState(realmAsked(request).world.clock),
  )

  app.put<{ Body: ClockChange }>(
    '/_mock/clock',
    { schema: { summary: 'Set, stop or start the clock', body: ClockChange, response } },
    (request) => {
      const { clock } = realmAsked(request).world
      const { now, frozen } = request.body
      if (frozen === true) clock.freeze()
      if (now !== undefined) clock.set(microsOf(parseInstant(now, clock.now()) ?? now))
      if (frozen === false) clock.run()
      return clockState(clock)
    },
  )

  app.delete(
    '/_mock/clock',
    { schema: { summary: 'Back to the time of the machine, running', response } },
    (request) => {
      const { clock } = realmAsked(request).world
      clock.reset()
      return clockState(clock)
    },
  )

  app.post<{ Body: ClockAdvance }>(
    '/_mock/clock/advance',
    {
      schema: {
        summary: 'Move the clock: by a duration, or to one second before or after the expiry of a row, and stop there',
        body: ClockAdvance,
        response: { ...response, ...answers({}, 404, 422) },
      },
    },
    (request) => {
      const { world } = realmAsked(request)
      const { by, before, after } = request.body
      if (by !== undefined) world.clock.set(world.clock.now() + (parseDuration(by) ?? 0))
      if (before !== undefined) stopAt(world, expiryOf(world, before) - MARGIN)
      if (after !== undefined) stopAt(world, expiryOf(world, after) + MARGIN)
      return clockState(world.clock)
    },
  )
}

export function clockState({ now, frozen }: Clock): ClockState {
  return { now: formatInstant(now()), frozen }
}

function stopAt({ clock }: Database, moment: number): void {
  clock.freeze()
  clock.set(moment)
}

function expiryOf(world: Database, pk: number): number {
  const row = world.refresh_tokens.get(pk)
  if (row === undefined) throw new ControlError(404, `there is no refresh token ${pk}`)
  if (row.expires === null) throw new ControlError(422, `refresh token ${pk} never expires`)
  return microsOf(row.expires)
}
