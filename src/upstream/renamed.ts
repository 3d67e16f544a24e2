import { FixtureError } from '../world/load/mistakes.js'
import { UpstreamError } from './error.js'
import type { Neighbours } from './read-neighbours.js'
import type { RowRead } from './read-rows.js'

/** Says what took another name between one answer and the next, in a sentence. Undefined: nothing did. */
export function renamedAmid(rows: RowRead[], beside: Neighbours): string | undefined {
  const found = new Set<string>()
  const names = new Map<string, unknown>()
  const owners = new Map<string, unknown>()

  function note(kind: string, pk: unknown, field: string, name: unknown): void {
    if (pk === null || typeof name !== 'string' || name === '') return
    const row = `${kind} ${pk}`
    const before = names.get(`${row} ${field}`) ?? name
    const owner = owners.get(`${kind} ${field} ${name}`) ?? pk
    if (before !== name) found.add(`${row} took another ${field}`)
    else if (owner !== pk) found.add(`${row} took the ${field} of ${kind} ${owner}`)
    names.set(`${row} ${field}`, name)
    owners.set(`${kind} ${field} ${name}`, pk)
  }

  const noteUser = ({ pk, username }: { pk: unknown; username?: unknown }) => note('user', pk, 'username', username)
  const noteProvider = ({ pk, ...body }: { pk: unknown; name?: unknown; assigned_application_slug?: unknown }) => {
    note('provider', pk, 'name', body.name)
    note('provider', pk, 'application slug', body.assigned_application_slug)
  }
  for (const { body } of rows) {
    noteUser(body.user)
    noteProvider(body.provider)
  }
  for (const { body } of beside.users ?? []) noteUser(body)
  for (const { body } of beside.providers ?? []) noteProvider(body)
  for (const { body } of beside.applications ?? []) note('provider', body['provider'], 'application slug', body['slug'])
  const [first, ...others] = found
  if (first === undefined) return undefined
  return `${first}${others.length === 0 ? '' : `, and ${others.length} more did so`} while the rows were read`
}

/** What is said where rows are no fixture: that somebody changed them meanwhile, if so. */
export function whyNoFixture(error: unknown, url: string, rows: RowRead[], beside: Neighbours): unknown {
  const renamed = error instanceof FixtureError ? renamedAmid(rows, beside) : undefined
  return renamed === undefined ? error : new UpstreamError(`${url}: ${renamed}, so they do not go together; try again`)
}
