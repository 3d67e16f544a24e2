import { parseInteger } from '../python/integer.js'
import { strip } from '../python/text.js'
import type { ColumnTest } from '../world/index/selection.js'
import { type Instant, microsOf, parseIso } from '../world/instant.js'
import type { Kind } from '../world/kinds/kind.js'
import type { Value } from '../world/value.js'
import type { Answer } from './answer.js'
import type { RequestContext } from './context.js'
import { invalidFilters, nullCharacters, type WrongParameter } from './errors.js'
import type { Message } from './messages.js'
import type { Filter, Filtered, Resource, Row, Test } from './resource.js'

/** What a query leaves of the rows. */
export interface Filters {
  /** Column and value: all of them hold. */
  where: [column: string, value: Value][]
  /** What else columns have to say. */
  columnTests: ColumnTest[]
  /** What no column says. */
  tests: Test[]
  /** What these test, so that two queries with one name leave the same rows. */
  name: string
}

const NONE: Filters = { where: [], columnTests: [], tests: [], name: '' }

/** The primary key of a row of some kind that exists anywhere on the server, whoever may see it. */
export function keyOf(section: string): Filter {
  return (ctx, parameter, values) => {
    const value = values.at(-1) as string
    const pk = parseInteger(value)
    if (pk !== undefined && ctx.database.table(section).get(pk) !== undefined) return { column: parameter, value: pk }
    return { wrong: { parameter, message: refusesNull(ctx, value) ? 'nullCharacters' : 'invalidChoice' } }
  }
}

/** A text that a column must be, but for blanks around it. */
export const exactText: Filter = text((parameter, value) => ({ column: parameter, value }))

/** A text that a field must be which is no column. */
export const exactField: Filter = text((parameter, value) => ({ test: (row) => row[parameter] === value }))

/** The same of a field that is called otherwise. */
export const exactFieldOf = (field: string): Filter => text((_, value) => ({ test: (row) => row[field] === value }))

/** A condition on the cell of a column, for lists of very many rows. */
export function inColumn(column: string, isMet: (cell: Value | null) => boolean): Filtered {
  return { columns: [column], isMet: ([cell = null]) => isMet(cell) }
}

/** A text that a column must be which is asked for too seldom to be sorted by. */
export const textInColumn: Filter = text((parameter, value) => inColumn(parameter, (cell) => cell === value))

/** The beginning of a text in a column. */
export const beginningOf = (column: string): Filter =>
  text((_, value) => inColumn(column, (cell) => String(cell).startsWith(value)))

function text(filter: (parameter: string, value: string) => Filtered): Filter {
  return (_, parameter, values) => {
    const value = strip(values.at(-1) as string)
    if (value.includes('\0')) return { wrong: { parameter, message: 'nullCharacters' } }
    return value === '' ? undefined : filter(parameter, value)
  }
}

/** The username of the user that a row names. */
export const username: Filter = (ctx, parameter, values) =>
  text((_, value) => {
    const wanted = ctx.database.users.find('username', value)?.pk
    return { test: ({ user }) => user === wanted }
  })(ctx, parameter, values)

/** A UUID in a column, in any form that Python reads. */
export const uuidInColumn: Filter = (_, parameter, values) => {
  const uuid = readUuid(values.at(-1) as string)
  if (uuid === undefined) return { wrong: { parameter, message: 'invalidUuid' } }
  return inColumn(parameter, (cell) => cell === uuid)
}

/** A UUID in any form that Python reads. Undefined: it is none. */
export function readUuid(written: string): string | undefined {
  const bare = written.trim().toLowerCase().replace('urn:', '').replace('uuid:', '')
  const digits = withoutBraces(bare).replaceAll('-', '')
  const [, ...parts] = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(digits) ?? []
  const uuid = parts.join('-')
  return /^[0-9a-f-]{36}$/.test(uuid) ? uuid : undefined
}

/** Without those at both ends. No expression finds those at the end of a long text in time. */
function withoutBraces(text: string): string {
  let [start, end] = [0, text.length]
  while ('{}'.includes(text[start] ?? ' ')) start++
  while (end > start && '{}'.includes(text[end - 1] as string)) end--
  return text.slice(start, end)
}

const ofMoment =
  (filtered: (parameter: string, moment: Instant) => Filtered): Filter =>
  (_, parameter, values) => {
    const moment = parseIso(strip(values.at(-1) as string))
    return moment === undefined ? { wrong: { parameter, message: 'invalidMoment' } } : filtered(parameter, moment)
  }

/** A moment that a field must be which is no column of numbers. */
export const exactMoment: Filter = ofMoment((parameter, moment) => ({ test: (row) => row[parameter] === moment }))

/** A moment to which a column must stand as it says. */
const momentIn = (column: string, isMet: (cell: number, wanted: number) => boolean): Filter =>
  ofMoment((_, moment) => {
    const wanted = microsOf(moment)
    return inColumn(column, (cell) => cell !== null && isMet(Number(cell), wanted))
  })

/** A moment that a column must be, and the same name with `__gt` and `__lt`: one after it, and one before it. */
export function momentsIn(column: string): Record<string, Filter> {
  return {
    [column]: momentIn(column, (cell, wanted) => cell === wanted),
    [`${column}__gt`]: momentIn(column, (cell, wanted) => cell > wanted),
    [`${column}__lt`]: momentIn(column, (cell, wanted) => cell < wanted),
  }
}

/** Whether a column is empty. */
export const isNullIn =
  (column: string): Filter =>
  (_, __, values) => {
    const wanted = SELECTED[values.at(-1) as string]
    return typeof wanted === 'boolean' ? inColumn(column, (cell) => (cell === null) === wanted) : undefined
  }

/** What counts as true and as false; anything else filters nothing. */
type Words = Record<string, boolean>
const SELECTED: Words = { true: true, True: true, 2: true, false: false, False: false, 3: false }

const NAMED: Words = { true: true, 1: true, false: false, 0: false }

/** A flag where authentik has a filter of its own, which reads what Django's pages send. */
export function flag(isSo: (row: Row, ctx: RequestContext) => boolean): Filter {
  return (ctx, _, values) => flagIs(SELECTED[values.at(-1) as string], (row) => isSo(row, ctx))
}

/** The same of a column that holds 1 and 0. */
export const flagInColumn: Filter = (_, parameter, values) => {
  const wanted = SELECTED[values.at(-1) as string]
  return typeof wanted === 'boolean' ? inColumn(parameter, (cell) => cell === Number(wanted)) : undefined
}

/** The same where a row goes by several flags that a column tells of, of which one is enough. */
export function flagOfAny(column: string, flagsOf: (text: string, ctx: RequestContext) => boolean[]): Filter {
  return (ctx, _, values) => {
    const wanted = SELECTED[values.at(-1) as string]
    if (typeof wanted !== 'boolean') return undefined
    return inColumn(
      column,
      ofText((text) => flagsOf(text, ctx).includes(wanted)),
    )
  }
}

/** The same answer for the same text, of which there are few. */
export function ofText(isMet: (text: string) => boolean): (cell: Value | null) => boolean {
  const known = new Map<string, boolean>()
  return (cell) => {
    const text = String(cell)
    const isSo = known.get(text) ?? isMet(text)
    known.set(text, isSo)
    return isSo
  }
}

/** A flag where authentik only names the field, and reads it by its framework. */
export function plainFlag(isSo: (row: Row, ctx: RequestContext) => boolean): Filter {
  return (ctx, _, values) => flagIs(NAMED[(values.at(-1) as string).toLowerCase()], (row) => isSo(row, ctx))
}

function flagIs(wanted: boolean | undefined, isSo: (row: Row) => boolean): Filtered {
  return typeof wanted === 'boolean' ? { test: (row) => isSo(row) === wanted } : undefined
}

/** One of some choices. */
export const choiceOf =
  (choices: readonly string[]): Filter =>
  (_, parameter, values) => {
    const value = values.at(-1) as string
    if (!choices.includes(value)) return { wrong: { parameter, message: 'invalidChoiceOf', value } }
    return { test: (row) => row[parameter] === value }
  }

/** Any of some choices, each in a parameter of its own. */
export function anyOf(choices: readonly string[]): Filter {
  return (_, parameter, values) => {
    const unknown = values.find((value) => !choices.includes(value))
    if (unknown !== undefined) return { wrong: { parameter, message: 'invalidChoiceOf', value: unknown } }
    return inColumn(parameter, (cell) => values.includes(String(cell)))
  }
}

/**
 * Rows of another kind, each in a parameter of its own, of which one must go with a row.
 *
 * @param find the row that a parameter names; a message: it can name none
 */
export function anyRow<R>(
  find: (ctx: RequestContext, value: string) => R | Message | undefined,
  goesWith: (row: Row, other: Exclude<R, string>) => boolean,
): Filter {
  return (ctx, parameter, values) => {
    const others: Exclude<R, string>[] = []
    for (const value of values) {
      const other = find(ctx, value) ?? 'invalidChoiceOf'
      if (typeof other === 'string') return { wrong: { parameter, message: other as Message, value } }
      others.push(other as Exclude<R, string>)
    }
    return { test: (row) => others.some((other) => goesWith(row, other)) }
  }
}

/** The same where a column lists the keys of those others. */
export function anyKeyIn<R>(
  column: string,
  find: (ctx: RequestContext, value: string) => R | Message | undefined,
  keyOf: (other: Exclude<R, string>) => string,
): Filter {
  const filter = anyRow(find, () => true)
  return (ctx, parameter, values) => {
    const filtered = filter(ctx, parameter, values)
    if (filtered !== undefined && 'wrong' in filtered) return filtered
    const keys = values.map((value) => keyOf(find(ctx, value) as Exclude<R, string>))
    return inColumn(
      column,
      ofText((text) => keys.some((key) => text.includes(key))),
    )
  }
}

/** A single row of another kind, which must go with a row: whatever is wrong, the words are the same. */
export function oneRow<R>(...[find, goesWith]: Parameters<typeof anyRow<R>>): Filter {
  const filter = anyRow(find, goesWith)
  return (ctx, parameter, values) => {
    const filtered = filter(ctx, parameter, values.slice(-1))
    return filtered !== undefined && 'wrong' in filtered ? { wrong: { parameter, message: 'invalidChoice' } } : filtered
  }
}

/** The row of a primary key that is a UUID, for `anyRow`. */
export function byUuid<R>(find: (ctx: RequestContext, uuid: string) => R | undefined) {
  return (ctx: RequestContext, value: string): R | Message | undefined => {
    const uuid = readUuid(value)
    return uuid === undefined ? 'invalidUuidOf' : find(ctx, uuid)
  }
}

/** The row of a primary key that is an integer, for `anyRow`. */
export function byInteger<R>(find: (ctx: RequestContext, pk: number) => R | undefined) {
  return (ctx: RequestContext, value: string): R | Message | undefined => {
    const pk = parseInteger(value)
    return pk === undefined ? 'invalidValueOf' : find(ctx, pk)
  }
}

/** Reads the filters of a resource. What a query filters by that is unknown is left alone, as authentik does. */
export function readFilters(
  ctx: RequestContext,
  { filters, search, searched }: Pick<Resource, 'filters' | 'search' | 'searched'>,
): Filters | { refused: Answer } {
  if (ctx.queryText === '') return NONE
  const read: Filters = { where: [], columnTests: [], tests: [], name: '' }
  const names: [string, string[]][] = []
  const wrong: WrongParameter[] = []
  for (const [parameter, filter] of Object.entries(filters)) {
    const given = ctx.query[parameter]
    if (given === undefined) continue
    const values = Array.isArray(given) ? given : [given]
    if (values.length === 0 || values.at(-1) === '' || ctx.release.absentParameters.includes(parameter)) continue
    const filtered = filter(ctx, parameter, values)
    if (filtered === undefined) continue
    if ('wrong' in filtered) wrong.push(filtered.wrong)
    else if ('refused' in filtered) return filtered
    else if ('test' in filtered) {
      read.tests.push(filtered.test)
      names.push([parameter, values])
    } else if ('isMet' in filtered) {
      read.columnTests.push({ ...filtered, name: JSON.stringify([parameter, values]) })
    } else read.where.push([filtered.column, filtered.value])
  }
  if (wrong.length > 0) return { refused: invalidFilters(ctx, wrong) }
  const sought = ctx.parameter('search') ?? ''
  if (refusesNull(ctx, sought)) return { refused: nullCharacters(ctx) }
  if (searched !== undefined && sought.trim() !== '')
    read.columnTests.push({ name: JSON.stringify(['search', sought]), columns: searched, isMet: searchOf(sought) })
  if (search !== undefined && sought.trim() !== '') {
    const isFound = searchOf(sought)
    read.tests.push((row) => isFound(search(row as never, ctx)))
    names.push(['search', [sought]])
  }
  if (names.length > 0) read.name = JSON.stringify(names)
  return read
}

/** Each word of a search stands somewhere among the cells of a row, in capitals or not. */
function searchOf(sought: string): (cells: readonly (Value | null)[]) => boolean {
  const words = [...new Set(sought.toLowerCase().split(/[\s,]+/))].filter((word) => word !== '')
  return (cells) => words.every((word) => cells.some((cell) => searchText(cell).includes(word)))
}

/** A flag stands in its column as 1 or 0. */
function searchText(cell: Value | null): string {
  return typeof cell === 'string' ? cell.toLowerCase() : String(cell === 1)
}

/** @param kind of the row, whose columns are asked for; undefined: a column is a field */
export function passes({ where, columnTests, tests }: Filters, row: Row, kind?: Kind): boolean {
  const cellOf = (column: string) => {
    const read = kind?.columns[column] ?? kind?.unlisted?.[column]
    return read === undefined ? (row[column] as Value | null) : read(row)
  }
  return (
    where.every(([column, value]) => cellOf(column) === value) &&
    columnTests.every(({ columns, isMet }) => isMet(columns.map(cellOf))) &&
    tests.every((test) => test(row))
  )
}

function refusesNull({ release }: RequestContext, value: string): boolean {
  return release.nullCharacters === 'refused' && value.includes('\0')
}
