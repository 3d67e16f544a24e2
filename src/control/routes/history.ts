import type { FastifyInstance } from 'fastify'
import type { Database } from '../../world/database.js'
import { hasHistory, type RowEvent, type RowName } from '../../world/history.js'
import type { Kind } from '../../world/kinds/kind.js'
import type { Kinds } from '../../world/kinds/registry.js'
import { RowHistory } from '../issue-bodies.js'
import { ControlError } from '../problem.js'
import { answers, PkParams } from './route-schemas.js'

/** What became of a code or token, also of one that is gone: the request behind it, what it came of and what came of it. */
export function historyRoutes(app: FastifyInstance, kinds: Kinds): void {
  for (const [section, kind] of Object.entries(kinds) as [string, Kind][]) {
    if (!hasHistory(kind)) continue
    app.get<{ Params: { pk: string } }>(
      `/_mock/${section}/:pk/history`,
      {
        schema: {
          summary: `What became of a ${kind.word}, also of one that is gone`,
          params: PkParams,
          response: answers({ 200: { description: 'what happened, the oldest first', schema: RowHistory } }, 404),
        },
      },
      (request) => historyOf(request.findWorld().database, section, Number(request.params.pk)),
    )
  }
}

function historyOf(database: Database, section: string, pk: number): RowHistory {
  const row = database.table(section).get(pk)
  const events = database.history.of(section, pk)
  if (row === undefined && events === undefined)
    throw new ControlError(404, `there is no ${database.kinds[section]?.word} ${pk}, and nothing is known of one`)
  return { section, pk, exists: row !== undefined, events: (events ?? []).map(said) }
}

function said({ what, cause, made, along }: RowEvent): RowHistory['events'][number] {
  return {
    what,
    at: cause?.at ?? null,
    by: cause?.by ?? null,
    request: cause?.request ?? null,
    grant: cause?.grant ?? null,
    client: cause?.client ?? null,
    as: cause?.as ?? null,
    from: what === 'issued' && cause?.from !== undefined ? named(cause.from) : null,
    made: made.map(named),
    along: along === undefined ? null : named(along),
  }
}

function named({ section, key }: RowName): { section: string; pk: string | number } {
  return { section, pk: key }
}
