import type { Answer } from '../../../../authentik/answer.js'
import { missingRow, notFound } from '../../../../authentik/errors.js'
import type { Filters } from '../../../../authentik/filters.js'
import type { KeptBody } from '../../../../authentik/keep.js'
import { sees } from '../../../../authentik/permissions.js'
import { parseInteger } from '../../../../authentik/python-integer.js'
import { keepOfRow } from '../../../../authentik/site.js'
import type { Visit } from '../../../../authentik/visit.js'
import { microsOf } from '../../../../world/instant.js'
import type { RefreshToken } from '../../../../world/kinds/refresh-tokens.js'
import { type Included, refreshTokenText } from './body.js'

/** The row that an id in the path means, among those that the caller sees and the filters leave. */
export function findRow(visit: Visit, id: string, filters: Filters = {}): RefreshToken | { refused: Answer } {
  const pk = parseInteger(id)
  if (pk === undefined) {
    visit.reason = 'the id is no integer'
    return { refused: notFound(visit) }
  }
  const row = visit.world.refresh_tokens.get(pk)
  if (row === undefined) visit.reason = `there is no row ${pk}`
  else if (!sees(visit, row)) visit.reason = `row ${pk} belongs to user ${row.user}`
  else if (filters.user !== undefined && filters.user !== row.user)
    visit.reason = `row ${pk} is not of user ${filters.user}`
  else if (filters.provider !== undefined && filters.provider !== row.provider)
    visit.reason = `row ${pk} is not of provider ${filters.provider}`
  else return row
  return { refused: missingRow(visit) }
}

/** What a body includes, as the query asks for it: anything but `true` leaves it out. */
export function readIncluded(visit: Visit): Included {
  const includes = (value: string | undefined) => value === undefined || value.toLowerCase() === 'true'
  return {
    groups: includes(visit.parameter('include_groups')),
    roles: !visit.release.includeRoles || includes(visit.parameter('include_roles')),
  }
}

/** The body of a row at this moment, kept from one request to the next. */
export function rowBody({ site, world, release }: Visit, pk: number, included: Included): KeptBody {
  const keep = keepOfRow(site, pk)
  const name = included.groups && included.roles ? pk : `${pk} ${included.groups} ${included.roles}`
  return keep.get(name, world.clock.now()) ?? keep.put(name, makeBody())

  function makeBody(): KeptBody {
    const row = world.refresh_tokens.get(pk) as RefreshToken
    const plain = Buffer.from(refreshTokenText(row, { world, release, ...included }))
    const expires = row.expires === null ? Number.POSITIVE_INFINITY : microsOf(row.expires)
    return world.clock.now() > expires
      ? { plain, after: expires, until: Number.POSITIVE_INFINITY }
      : { plain, after: Number.NEGATIVE_INFINITY, until: expires }
  }
}
