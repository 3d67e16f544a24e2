import type { Database } from '../world/database.js'
import { idTokenText } from '../world/id-token.js'
import type { Kind } from '../world/kinds/kind.js'
import type { User } from '../world/kinds/users.js'
import { seedOf } from '../world/load/export.js'
import { FixtureError, quote } from '../world/load/mistakes.js'
import { ControlError } from './problem.js'
import type { World } from './worlds/world.js'

/** Rows as paths of the control API name them: by their primary key or their natural key; and as it shows them. */

export function findRow(database: Database, section: string, text: string): unknown {
  const { keys, natural } = database.kinds[section] as Kind
  const table = database.table(section)
  const key = keys === 'counted' ? integer(text) : keys === 'drawn' ? text.toLowerCase() : text
  return table.get(key) ?? (natural === undefined ? undefined : table.find(natural, text))
}

/** @throws ControlError where there is none */
export function existingRow(database: Database, section: string, text: string): unknown {
  const row = findRow(database, section, text)
  if (row === undefined) throw new ControlError(404, `there is no ${database.kinds[section]?.word} ${text}`)
  return row
}

/** A row in the grammar of fixtures. */
export function seedAnswer({ database, release }: World, section: string, row: unknown): Record<string, unknown> {
  return seedOf(database, section, row, (idToken) => idTokenText(idToken, release))
}

/** A primary key in a path; anything else, `1e1` for one, may be a name. */
function integer(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.NaN
}

/** @throws FixtureError */
export function requireUser(database: Database, asked: number | string): User {
  const user = findRow(database, 'users', String(asked)) as User | undefined
  if (user === undefined)
    return refuse('user', asked, 'the primary key or username of a user', 'but there is no such user')
  return user.is_active ? user : refuse('user', asked, 'a user who is active')
}

/** @param why what is wrong with what was found, where `allowed` does not say it */
export function refuse(path: string, found: unknown, allowed: string, why?: string): never {
  const said = found === undefined || why === undefined ? quote(found) : `${quote(found)}, ${why}`
  throw new FixtureError([{ file: 'body', path, found: said, allowed }])
}
