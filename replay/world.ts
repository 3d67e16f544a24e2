import { type Recording, ReplayError, readJson } from './recording.js'

/**
 * The world of a recording, as an object. In which order a server lists the groups of a user is up to its database, so it
 * is taken from what that server answered.
 *
 * @throws ReplayError
 */
export function readWorld(file: string, { steps, bodies }: Recording): object {
  const world = readJson(file, '--world') as { users?: User[]; groups?: { pk?: string; name?: string }[] }
  if (typeof world !== 'object' || world === null || Array.isArray(world))
    throw new ReplayError(`--world: ${file} is no world; allowed: seeds, an object with users and providers`)
  const names = new Map(world.groups?.map(({ pk = '', name = '' }) => [pk, name]))
  const recorded = groupsByUser([...bodies, ...steps.flatMap(({ responseBody }) => responseBody ?? [])].join('\n'))
  const users = world.users?.map((user) => {
    const listed = recorded.get(user.username ?? '')?.map((pk) => (user.groups?.includes(pk) ? pk : names.get(pk)))
    return isSameSet(listed, user.groups) ? { ...user, groups: listed } : user
  })
  return { ...world, ...(users !== undefined && { users }) }
}

interface User {
  username?: string
  groups?: string[]
}

const USER = /"username":"([^"]*)"[^{}[\]]*"groups":\[([^\]]*)\]/g

function groupsByUser(text: string): Map<string, string[]> {
  return new Map(
    [...text.matchAll(USER)].map(([, username = '', groups = '']) => [username, groups.match(/[0-9a-f-]{36}/g) ?? []]),
  )
}

function isSameSet(listed: (string | undefined)[] | undefined, groups: string[] | undefined): boolean {
  return [...(listed ?? [])].sort().join() === [...(groups ?? [])].sort().join() && listed?.length === groups?.length
}
