import { ABSENT } from '../upstream/detect-release.js'
import type { Neighbour } from '../upstream/neighbours.js'
import { NEIGHBOUR_LISTS, type NeighbourBody, type Neighbours } from '../upstream/read-neighbours.js'
import { anonymous, PAGE, type Probe, probe } from './probe.js'

/** What is asked about users, providers and applications, in a class for each. */

const MOST_ROWS = 20

/** How a path names a row, a name that none has, and the fields that are filtered by. */
const WORDS: Record<Neighbour, { key: string; absent: string | number; filters: string[] }> = {
  users: { key: 'pk', absent: ABSENT, filters: ['username', 'email', 'is_active', 'type', 'uuid', 'path'] },
  providers: { key: 'pk', absent: ABSENT, filters: ['client_id', 'name', 'client_type'] },
  applications: { key: 'slug', absent: 'no-such-application', filters: ['slug', 'name'] },
}

export function neighbourProbes(neighbours: Neighbours): Probe[] {
  return Object.entries(neighbours).flatMap(([section, rows]) =>
    probesOf(
      section as Neighbour,
      rows.map(({ body }) => body),
    ),
  )
}

function probesOf(section: Neighbour, rows: NeighbourBody[]): Probe[] {
  const { path, query = {} } = NEIGHBOUR_LISTS[section]
  const { key, absent, filters } = WORDS[section]
  const list = (more: Record<string, string> = {}) =>
    `${path}?${new URLSearchParams({ ...query, ordering: 'pk', ...more })}&${PAGE}`
  const row = (name: unknown) => `${path}${encodeURIComponent(String(name))}/`
  const [first] = rows
  const known = first === undefined ? absent : (first[key] as string | number)
  const lists: [string, Record<string, string>][] = [
    ['list', {}],
    ['list/descending', { ordering: '-pk' }],
    ['list/page=2', { page: '2' }],
    ['list/page=999', { page: '999' }],
    ['list/unknown-filter', { nonsense: '1' }],
    ['list/search-nobody', { search: 'nobody-is-called-so' }],
    ...filters.flatMap((field): [string, Record<string, string>][] =>
      first?.[field] ? [[`filter/${field}`, { [field]: String(first[field]) }]] : [],
    ),
  ]
  return [
    ...lists.map(([name, more]) => probe(`${section}/${name}`, list(more))),
    ...rows.slice(0, MOST_ROWS).map((body) => probe(`${section}/row/${body.pk}`, row(body[key]))),
    probe(`${section}/absent`, row(absent)),
    probe(`${section}/head`, row(known), { method: 'HEAD' }),
    anonymous(`${section}/anonymous/list`, list()),
    anonymous(`${section}/anonymous/row`, row(known)),
    anonymous(`${section}/anonymous/absent`, row(absent)),
    probe(`${section}/unknown-key/list`, list(), { as: 'unknown' }),
    probe(`${section}/unknown-key/row`, row(known), { as: 'unknown' }),
  ]
}
