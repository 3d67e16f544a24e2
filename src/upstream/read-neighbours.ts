import type { Json } from '../world/json.js'
import { RefusedError } from './error.js'
import { NEIGHBOURS, type Neighbour } from './neighbours.js'
import { type Listing, type RowRead, readList } from './read-rows.js'
import type { Client } from './upstream-client.js'

export interface NeighbourBody {
  pk: number | string
  [field: string]: Json
}

/** In the order of `NEIGHBOURS`; those that were not asked for, or may not be read, are missing. */
export type Neighbours = Partial<Record<Neighbour, RowRead<NeighbourBody>[]>>

export const NEIGHBOUR_LISTS: Record<Neighbour, Listing<NeighbourBody>> = {
  users: listing('users', '/api/v3/core/users/', 'username'),
  providers: listing('providers', '/api/v3/providers/oauth2/', 'client_id'),
  // The list that people see is remembered by authentik for each of them, whatever is asked for later.
  applications: {
    ...listing('applications', '/api/v3/core/applications/', 'slug'),
    query: { superuser_full_list: 'true' },
    hidesSome: true,
  },
}

function listing(section: Neighbour, path: string, named: string): Listing<NeighbourBody> {
  return {
    path,
    option: `--with ${section}`,
    isRow: (row) => ['number', 'string'].includes(typeof row?.pk) && typeof row?.[named] === 'string',
  }
}

/**
 * Reads all neighbours of some kinds.
 *
 * @param refused is told of those that the token may not read
 * @throws UpstreamError, UnreachableError
 */
export async function readNeighbours(
  client: Client,
  { with: sections, pageSize }: { with: readonly Neighbour[]; pageSize: number },
  refused: (why: string) => void,
): Promise<Neighbours> {
  const read: Neighbours = {}
  for (const section of NEIGHBOURS) {
    if (!sections.includes(section)) continue
    try {
      const { rows } = await readList(client, NEIGHBOUR_LISTS[section], { pageSize }, () => {})
      read[section] = rows
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      refused(error.message)
    }
  }
  return read
}
