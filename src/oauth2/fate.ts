import { keyBySecret } from '../world/by-secret.js'
import type { Database } from '../world/database.js'
import type { RowEvent, RowName } from '../world/history.js'
import type { RefreshToken } from '../world/kinds/refresh-tokens.js'
import type { Key } from '../world/value.js'

/** What became of a code or token that a client shows in vain: what authentik's one sentence does not tell. */

/** Why there is no row with this secret. */
export function whyUnknown(database: Database, section: string, field: string, secret: string): string {
  const { word = section } = database.kinds[section] ?? {}
  const key = database.history.findGone(section, secret) ?? keyBySecret(database, section, field, secret)
  const end = key === undefined ? undefined : database.history.of(section, key)?.at(-1)
  if (end === undefined) return `the ${word} is unknown`
  return `${nameOf(database, { section, key: key as Key })} ${fateOf(database, end)}`
}

/** Why a row with this secret is no good any more. */
export function whyRevoked(database: Database, { pk }: RefreshToken): string {
  const events = database.history.of('refresh_tokens', pk) ?? []
  const end = events.findLast(({ what }) => what === 'rotated' || what === 'revoked')
  const is = nameOf(database, { section: 'refresh_tokens', key: pk })
  return end === undefined ? `${is} is revoked` : `${is} ${fateOf(database, end)}`
}

function fateOf(database: Database, { what, cause, made, along }: RowEvent): string {
  const into = made.filter(({ section }) => section === 'refresh_tokens').map((row) => nameOf(database, row))
  const who = cause?.client === undefined ? cause?.by : `client ${cause.client}`
  return [
    along === undefined ? `was ${what}` : `went with ${nameOf(database, along)}`,
    ...(into.length > 0 ? [`into ${into.join(', ')}`] : []),
    ...(cause === undefined ? [] : [`at ${cause.at} by ${who}`]),
  ].join(' ')
}

function nameOf({ kinds }: Database, { section, key }: RowName): string {
  return `${kinds[section]?.word ?? section} ${key}`
}
