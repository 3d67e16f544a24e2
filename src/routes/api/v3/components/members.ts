import type { Database } from '../../../../world/database.js'
import type { Columns } from '../../../../world/index/columns.js'
import { lowerBound } from '../../../../world/index/ranks.js'
import type { Group } from '../../../../world/kinds/groups.js'
import type { User } from '../../../../world/kinds/users.js'
import { createWork, type Work } from '../../../../world/work.js'

/** The keys of the users in each group, by username: read once for all worlds, whose changes lie over it. */

type Members = Map<string, number[]>

const BY_USERNAME = [{ by: 'username', descending: false }]
const NOBODY: number[] = []
/** So many users are read before anybody else may get a turn. */
const A_FEW = 1000

const begun = new WeakMap<Columns, Work<Members>>()

/** @returns the primary keys of its users, in order of username */
export function membersOf({ pk }: Group, database: Database): readonly number[] {
  const members = begunMembers(database).finish().get(pk) ?? NOBODY
  const { changes } = database.users
  if (changes.size === 0) return members
  const left = members.filter((key) => !changes.has(key))
  const nameAt = (place: number) => (database.users.get(left[place] as number) as User).username
  for (const user of changes.values()) {
    if (!user?.groups.includes(pk)) continue
    left.splice(
      lowerBound(left.length, (place) => nameAt(place) >= user.username),
      0,
      user.pk,
    )
  }
  return left
}

/** Reads the groups of very many users, so that others get their turn meanwhile; undefined: they were read, or are few. */
export function prepareMembers(database: Database): Promise<unknown> | undefined {
  const columns = database.snapshot.columns('users')
  const members = begunMembers(database)
  if (members.done !== undefined || columns.isReady(BY_USERNAME)) return undefined
  return columns.prepare(BY_USERNAME).then(() => members.spread())
}

function begunMembers({ snapshot }: Database): Work<Members> {
  const columns = snapshot.columns('users')
  const known = begun.get(columns)
  if (known !== undefined) return known
  const work = createWork(() => readMembers(columns))
  begun.set(columns, work)
  return work
}

function* readMembers(columns: Columns): Generator<void, Members> {
  const members: Members = new Map()
  const groupsAt = columns.cells('groups')
  for (const [i, position] of columns.sorted(BY_USERNAME).entries()) {
    if (i % A_FEW === 0) yield
    const groups = String(groupsAt(position))
    if (groups === '') continue
    const key = columns.keyAt(position) as number
    for (const pk of groups.split(',')) {
      const known = members.get(pk)
      if (known === undefined) members.set(pk, [key])
      else known.push(key)
    }
  }
  return members
}
