import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import { invalidFilters, nullCharacters } from './errors.js'
import type { Message } from './messages.js'
import { parseInteger } from './python-integer.js'
import type { Resource } from './resource.js'

/** Column and primary key. */
export interface Filters {
  where: Record<string, number>
}

const NONE: Filters = { where: {} }

/** Reads the filters of a resource: keys that exist anywhere on the server, whoever may see their rows. */
export function readFilters(ctx: RequestContext, { filters }: Resource): Filters | { refused: Answer } {
  if (ctx.queryText === '') return NONE
  const where: Filters['where'] = {}
  const wrong: { parameter: string; message: Message }[] = []
  for (const [parameter, section] of Object.entries(filters)) {
    const value = ctx.parameter(parameter)
    if (value === undefined || value === '') continue
    const pk = parseInteger(value)
    if (pk !== undefined && ctx.database.table(section).get(pk) !== undefined) where[parameter] = pk
    else wrong.push({ parameter, message: refusesNull(ctx, value) ? 'nullCharacters' : 'invalidChoice' })
  }
  if (wrong.length > 0) return { refused: invalidFilters(ctx, wrong) }
  if (refusesNull(ctx, ctx.parameter('search') ?? '')) return { refused: nullCharacters(ctx) }
  return { where }
}

function refusesNull({ release }: RequestContext, value: string): boolean {
  return release.nullCharacters === 'refused' && value.includes('\0')
}
