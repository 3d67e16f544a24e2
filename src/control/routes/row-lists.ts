import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { microsOf, parseInstant } from '../../world/instant.js'
import type { Kind } from '../../world/kinds/kind.js'
import type { Kinds } from '../../world/kinds/registry.js'
import { FixtureError, quote } from '../../world/load/mistakes.js'
import { cell } from '../../world/table.js'
import type { Key, Value } from '../../world/value.js'
import { findRow, seedAnswer } from '../find-row.js'
import type { World } from '../worlds/world.js'
import { answers } from './route-schemas.js'

/** The rows of a kind, a page at a time, by the columns that it is ordered and filtered by. */

const DEFAULT_SIZE = 50
const MAX_SIZE = 1000

interface ListQuery {
  ordering?: string
  page?: number
  page_size?: number
  [column: string]: string | number | undefined
}

export function rowListRoutes(app: FastifyInstance, kinds: Kinds): void {
  for (const [section, kind] of Object.entries(kinds) as [string, Kind][]) {
    const answer = Type.Object({
      count: Type.Integer({ description: 'how many rows the filter found' }),
      rows: Type.Array(kind.seed, { description: 'those of the page' }),
    })
    app.get<{ Querystring: ListQuery }>(
      `/_mock/${section}`,
      {
        schema: {
          summary: `A page of the ${kind.word}s`,
          querystring: querySchema(kind),
          response: answers({ 200: { description: `${kind.word}s`, schema: answer } }),
        },
      },
      (request) => listRows(request.findWorld(), section, kind, request.query),
    )
  }
}

function querySchema({ columns }: Kind): Type.TObject {
  const names = Object.keys(columns)
  return Type.Object(
    {
      ...Object.fromEntries(
        names.map((name) => [name, Type.Optional(Type.String({ description: `only rows with this ${name}` }))]),
      ),
      ordering: Type.Optional(
        Type.Enum(
          names.flatMap((name) => [name, `-${name}`]),
          {
            description: `a column, with "-" in front from the last: ${names.join(', ')}`,
          },
        ),
      ),
      page: Type.Optional(Type.Integer({ minimum: 1, description: 'a page, from 1' })),
      page_size: Type.Optional(
        Type.Integer({ minimum: 1, maximum: MAX_SIZE, description: `how many rows: an integer from 1 to ${MAX_SIZE}` }),
      ),
    },
    { additionalProperties: false, description: `${[...names, 'ordering', 'page', 'page_size'].join(', ')}` },
  )
}

function listRows(world: World, section: string, kind: Kind, query: ListQuery) {
  const { database } = world
  const { ordering, page = 1, page_size: size = DEFAULT_SIZE, ...filters } = query
  const order = ordering === undefined ? [] : [orderTerm(ordering)]
  const where: [string, Value][] = []
  for (const [column, text] of Object.entries(filters)) {
    const value = valueIn(world, section, kind, column, String(text))
    if (value === undefined) return { count: 0, rows: [] }
    where.push([column, value])
  }
  const keys = database.select(section, { order, where })
  const rows = Array.from(keys.slice((page - 1) * size, page * size), (key: Key) =>
    seedAnswer(world, section, database.table(section).get(key)),
  )
  return { count: keys.length, rows }
}

function orderTerm(ordering: string) {
  const descending = ordering.startsWith('-')
  return { by: descending ? ordering.slice(1) : ordering, descending }
}

/** What a column must hold; undefined: it is said of a row that there is none of. */
function valueIn(world: World, section: string, kind: Kind, column: string, text: string): Value | undefined {
  const { database } = world
  const reference = kind.references[column]
  if (reference !== undefined) {
    const row = findRow(database, reference.kind, text)
    return row === undefined
      ? undefined
      : (cell(row, (database.kinds as Record<string, Kind>)[reference.kind]?.key ?? '') as Value)
  }
  if (!holdsNumbers(world, section, kind, column)) return text
  if (/^(?:true|false)$/.test(text)) return Number(text === 'true')
  const instant = /^-?\d+$/.test(text) ? undefined : parseInstant(text, database.clock.now())
  const value = instant === undefined ? Number(text) : microsOf(instant)
  if (!Number.isNaN(value)) return value
  throw new FixtureError([
    { file: 'querystring', path: column, found: quote(text), allowed: 'a number, true or false, or a moment' },
  ])
}

/** Columns do not say what they hold: the first row that has something there does. */
function holdsNumbers({ database }: World, section: string, kind: Kind, column: string): boolean {
  const { keys, get } = database.table(section)
  for (const key of keys()) {
    const value = kind.columns[column]?.(get(key)) ?? null
    if (value !== null) return typeof value === 'number'
  }
  return false
}
