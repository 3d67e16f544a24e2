import type { Value } from '../world/kinds/kind.js'
import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import { invalidFilters, nullCharacters, type WrongParameter } from './errors.js'
import { parseInteger } from './python-integer.js'
import type { Resource, Row } from './resource.js'

/** What a query leaves of the rows. */
export interface Filters {
  /** Column and value: all of them hold. */
  where: [column: string, value: Value][]
  /** What no column says. */
  tests: Test[]
  /** What the tests test, so that two queries with one name leave the same rows. */
  name: string
}

type Test = (row: Row) => boolean

/** How a parameter of the query filters, by its values, of which the last one counts mostly. */
export type Filter = (ctx: RequestContext, parameter: string, values: string[]) => Filtered

type Filtered = { column: string; value: Value } | { test: Test } | { wrong: WrongParameter } | undefined

const NONE: Filters = { where: [], tests: [], name: '' }

/** The primary key of a row of some kind that exists anywhere on the server, whoever may see it. */
export function keyOf(section: string): Filter {
  return (ctx, parameter, values) => {
    const value = values.at(-1) as string
    const pk = parseInteger(value)
    if (pk !== undefined && ctx.database.table(section).get(pk) !== undefined) return { column: parameter, value: pk }
    return { wrong: { parameter, message: refusesNull(ctx, value) ? 'nullCharacters' : 'invalidChoice' } }
  }
}

/** A text that a column must be. */
export const exactText: Filter = (_, parameter, values) => ({ column: parameter, value: values.at(-1) as string })

/** A text that a field must be which is no column. */
export const exactField: Filter = (_, parameter, values) => ({ test: (row) => row[parameter] === values.at(-1) })

/** `true` or `false`; anything else filters nothing. */
export function flag(isSo: (row: Row, ctx: RequestContext) => boolean): Filter {
  return (ctx, _, values) => {
    const wanted = FLAGS[values.at(-1) as string]
    return wanted === undefined ? undefined : { test: (row) => isSo(row, ctx) === wanted }
  }
}

const FLAGS: Record<string, boolean> = { true: true, True: true, false: false, False: false }

/** Any of some choices, each in a parameter of its own. */
export function anyOf(choices: readonly string[]): Filter {
  return (_, parameter, values) => {
    const unknown = values.find((value) => !choices.includes(value))
    if (unknown !== undefined) return { wrong: { parameter, message: 'invalidChoiceOf', value: unknown } }
    return { test: (row) => values.includes(String(row[parameter])) }
  }
}

/** Reads the filters of a resource. What a query filters by that is unknown is left alone, as authentik does. */
export function readFilters(ctx: RequestContext, { filters, search }: Resource): Filters | { refused: Answer } {
  if (ctx.queryText === '') return NONE
  const read: Filters = { where: [], tests: [], name: '' }
  const names: [string, string[]][] = []
  const wrong: WrongParameter[] = []
  for (const [parameter, filter] of Object.entries(filters)) {
    const values = [ctx.query[parameter] ?? []].flat()
    if (values.length === 0 || values.at(-1) === '') continue
    const filtered = filter(ctx, parameter, values)
    if (filtered === undefined) continue
    if ('wrong' in filtered) wrong.push(filtered.wrong)
    else if ('test' in filtered) {
      read.tests.push(filtered.test)
      names.push([parameter, values])
    } else read.where.push([filtered.column, filtered.value])
  }
  if (wrong.length > 0) return { refused: invalidFilters(ctx, wrong) }
  const sought = ctx.parameter('search') ?? ''
  if (refusesNull(ctx, sought)) return { refused: nullCharacters(ctx) }
  if (search !== undefined && sought.trim() !== '') {
    read.tests.push(searchOf(sought, search))
    names.push(['search', [sought]])
  }
  if (names.length > 0) read.name = JSON.stringify(names)
  return read
}

/** Each word of a search stands somewhere in the row, in capitals or not. */
function searchOf(sought: string, search: (row: never) => string[]): Test {
  const words = sought
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  return (row) => {
    const texts = search(row as never).map((text) => text.toLowerCase())
    return words.every((word) => texts.some((text) => text.includes(word)))
  }
}

export function passes({ where, tests }: Filters, row: Row): boolean {
  return where.every(([column, value]) => row[column] === value) && tests.every((test) => test(row))
}

function refusesNull({ release }: RequestContext, value: string): boolean {
  return release.nullCharacters === 'refused' && value.includes('\0')
}
