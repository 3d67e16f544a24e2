import type { FastifyInstance } from 'fastify'
import { type Clock, type ClockSetting, REAL_TIME, settingAt } from '../../world/clock.js'
import type { Database } from '../../world/database.js'
import {
  formatInstant,
  isMoment,
  type Micros,
  microsOf,
  OUT_OF_RANGE,
  parseDuration,
  parseInstant,
} from '../../world/instant.js'
import { FixtureError, quote } from '../../world/load/mistakes.js'
import { ClockAdvance, ClockChange, ClockState } from '../bodies.js'
import { ControlError } from '../problem.js'
import type { World } from '../worlds/world.js'
import { answers } from './route-schemas.js'

/** How far before or after its expiry a row is looked at. */
const MARGIN = 1e6

/** The time of a world. */
export function clockRoutes(app: FastifyInstance): void {
  const response = answers({ 200: { description: 'the clock', schema: ClockState } })

  app.get('/_mock/clock', { schema: { summary: 'The time of the world', response } }, (request) =>
    clockState(request.findWorld().database.clock),
  )

  app.put<{ Body: ClockChange }>(
    '/_mock/clock',
    { schema: { summary: 'Set, stop or start the clock', body: ClockChange, response } },
    (request) => {
      const world = request.findWorld()
      const { clock } = world.database
      const { now, frozen = clock.frozen } = request.body
      const moment =
        now === undefined ? clock.now() : microsOf(parseInstant(now, clock.now()) ?? refuse('now', quote(now)))
      return set(world, settingAt(moment, frozen))
    },
  )

  app.delete('/_mock/clock', { schema: { summary: 'Back to the time of the machine, running', response } }, (request) =>
    set(request.findWorld(), REAL_TIME),
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
      const world = request.findWorld()
      return set(world, advanced(world.database, request.body))
    },
  )
}

export function clockState({ now, frozen }: Clock): ClockState {
  return { now: formatInstant(now()), frozen }
}

function set(world: World, setting: ClockSetting): ClockState {
  world.apply({ type: 'clock', setting })
  return clockState(world.database.clock)
}

function advanced(database: Database, { by, before, after }: ClockAdvance): ClockSetting {
  const { clock } = database
  if (by !== undefined) return settingAt(inRange(clock.now() + (parseDuration(by) ?? 0), 'by', quote(by)), clock.frozen)
  if (before !== undefined)
    return settingAt(inRange(expiryOf(database, before) - MARGIN, 'before', quote(before)), true)
  return settingAt(inRange(expiryOf(database, after as number) + MARGIN, 'after', quote(after)), true)
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

function expiryOf(database: Database, pk: number): number {
  const row = database.refresh_tokens.get(pk)
  if (row === undefined) throw new ControlError(404, `there is no refresh token ${pk}`)
  if (row.expires === null) throw new ControlError(422, `refresh token ${pk} never expires`)
  return microsOf(row.expires)
}
