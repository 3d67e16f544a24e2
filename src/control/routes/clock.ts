import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../world/clock.js'
import { FixtureError, show } from '../../world/fixtures/mistakes.js'
import {
  formatInstant,
  isMoment,
  type Micros,
  microsOf,
  OUT_OF_RANGE,
  parseDuration,
  parseInstant,
} from '../../world/instant.js'
import type { World } from '../../world/world.js'
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
      const moment =
        now === undefined ? undefined : microsOf(parseInstant(now, clock.now()) ?? refuse('now', show(now)))
      if (frozen === true) clock.freeze()
      if (moment !== undefined) clock.set(moment)
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
      if (by !== undefined) world.clock.set(inRange(world.clock.now() + (parseDuration(by) ?? 0), 'by', show(by)))
      if (before !== undefined) stopAt(world, inRange(expiryOf(world, before) - MARGIN, 'before', show(before)))
      if (after !== undefined) stopAt(world, inRange(expiryOf(world, after) + MARGIN, 'after', show(after)))
      return clockState(world.clock)
    },
  )
}

export function clockState({ now, frozen }: Clock): ClockState {
  return { now: formatInstant(now()), frozen }
}

/** @throws FixtureError for a moment that no clock shows */
function inRange(moment: Micros, field: string, found: string): Micros {
  return isMoment(moment) ? moment : refuse(field, found)
}

function refuse(field: string, found: string): never {
  throw new FixtureError([
    { file: 'body', path: field, found: `${found}, ${OUT_OF_RANGE}`, allowed: 'what leads to a moment in them' },
  ])
}

function stopAt({ clock }: World, moment: number): void {
  clock.freeze()
  clock.set(moment)
}

function expiryOf(world: World, pk: number): number {
  const row = world.refreshTokens.get(pk)
  if (row === undefined) throw new ControlError(404, `there is no refresh token ${pk}`)
  if (row.expires === null) throw new ControlError(422, `refresh token ${pk} never expires`)
  return microsOf(row.expires)
}
