import { COSTLY } from './cost.js'
import { rateRatio } from './goals.js'
import { GRANT_SUBJECTS, type GrantSubject } from './grant-subjects.js'
import type { Round } from './load.js'
import { OPERATION_NAMES, type OperationName } from './operations.js'
import { COMPARED, PEER_NAMES, type PeerName } from './peers.js'
import { replicasTable } from './replicas.js'
import type { Measured, Results, Starts } from './results.js'
import { median, ratio } from './rounds.js'
import { markdownTable, number } from './text.js'

/** A table of the report; undefined where it was not measured. */
export interface Table {
  title: string
  note: string
  table(results: Results): string | undefined
}

const PEER_TABLES: [string, string, (cell: Rounds, ratio: number | undefined) => string][] = [
  [
    'Requests per second',
    '16 connections. In brackets: against `node:http` in the same rounds, which sends the same bytes.',
    ({ rounds }, ratio) => `${middle(rounds, 'rate')}${ratio === undefined ? '' : ` (${number(ratio)})`}`,
  ],
  [
    'Processor time per request',
    'Microseconds that the server took. Where the load generator is the slower one, this tells more than the rate.',
    ({ rounds }) => middle(rounds, 'cpu'),
  ],
  [
    'Time per request',
    'Milliseconds, p50 / p99, with 16 connections that wait for each other.',
    ({ rounds }) => `${middle(rounds, 'p50')} / ${middle(rounds, 'p99')}`,
  ],
  ['Memory after load', 'MiB.', ({ memory }) => number(memory)],
]

export const TABLES: Table[] = [
  ...PEER_TABLES.map(([title, note, show]): Table => ({ title, note, table: (results) => peerTable(results, show) })),
  {
    title: 'Processor time against the same head and body',
    note: 'Microseconds for each request, in many short rounds in turns. In brackets: the time of `node:http` sending the same head and body, by this one.',
    table: costTable,
  },
  {
    title: 'Before and after',
    note: 'Processor time of this build and of another one (`--before MAIN_JS`), in turns: microseconds for each request, milliseconds for a start; memory in MiB. The ratio is the median of those of each round: above 1, this build takes more.',
    table: pairsTable,
  },
  { title: 'What a peer cannot do', note: 'The dashes above, and why.', table: reasons },
  {
    title: 'Start to first answer, memory at rest',
    note: 'From the start of the process to its first answer (a row), and the processor time until then, in milliseconds; memory a second later, in MiB.',
    table: startTable,
  },
  {
    title: 'As a library, and as an image',
    note: 'Milliseconds. Start to healthy: from the start of the program to the end of the health check that finds it well.',
    table: libraryTable,
  },
  {
    title: 'By number of rows',
    note: 'Pages of five, in milliseconds, each asked for once, one after the other. Rates are of retrieve with 16 connections.',
    table: scaleTable,
  },
  {
    title: 'Users by name',
    note: 'Pages of five of `/core/users/` in milliseconds, over the people of so many made-up rows, each asked for once, ordered by name; filtered by who is active.',
    table: usersTable,
  },
  { title: 'By number of worlds', note: 'Retrieve, with 16 connections, each world in turn.', table: worldsTable },
  {
    title: 'By number of connections',
    note: 'Retrieve, requests per second (p99 in milliseconds).',
    table: connectionsTable,
  },
  {
    title: 'Refresh grants',
    note: 'Each connection uses the refresh token that it got last; 16 connections. Every grant signs an access token and an id_token. Microseconds of processor time for each, and how many each second: less than a core has time for where the load generator is the slower one.',
    table: grantsTable,
  },
  {
    title: 'Mocks that share a store',
    note: 'Reads and changes of users by 32 clients, by one mock alone and by one to three over a Redis server that writes every change to the disk before it is answered. All of them, the clients and the store share the cores of the machine: on two cores more mocks cannot be faster, and the table says what the store costs.',
    table: ({ replicas }) => replicas && replicasTable(replicas.values) + foot(replicas),
  },
  { title: 'Memory under load', note: 'A mix of everything that reads, with the journal on.', table: memoryTable },
  {
    title: 'Soak',
    note: 'Visitors in worlds of their own do at random what tests do; every answer is checked.',
    table: soakTable,
  },
]

const SUMMARY: OperationName[] = ['retrieve', 'list of 20', 'list of 100']

/** What docs/speed.md shows: requests per second of each peer, its start and its memory. */
export function summaryTable(results: Results): string {
  const rows = PEER_NAMES.map((peer) => {
    const { start, memory } = results.start?.values[peer] ?? { start: [], memory: [] }
    const rates = SUMMARY.map((name) => cellText(results, name, peer, ({ rounds }) => middle(rounds, 'rate')))
    const held = memory.map((value) => value ?? Number.NaN)
    return [peer, ...rates, number(median(start)), number(median(held))]
  })
  return markdownTable(['', ...SUMMARY, 'start, ms', 'memory, MiB'], rows)
}

interface Rounds {
  rounds: Round[]
  memory: number | null
}

function peerTable(results: Results, show: (cell: Rounds, ratio: number | undefined) => string): string | undefined {
  const names = OPERATION_NAMES.filter((name) => results.operations[name] !== undefined)
  if (names.length === 0) return undefined
  const rows = PEER_NAMES.map((peer) => [peer, ...names.map((name) => cellText(results, name, peer, show))])
  return markdownTable(['', ...names], rows) + foot(results.operations[names[0] as OperationName])
}

function cellText(
  results: Results,
  name: OperationName,
  peer: PeerName,
  show: (cell: Rounds, ratio: number | undefined) => string,
): string {
  const cell = results.operations[name]?.values[peer]
  if (cell === undefined || 'reason' in cell) return '–'
  return show(cell, peer === 'node:http' ? undefined : rateRatio(results, name, peer, 'node:http'))
}

function reasons({ operations }: Results): string {
  const lines = PEER_NAMES.flatMap((peer) => {
    const why = new Map<string, string[]>()
    for (const [operation, { values }] of Object.entries(operations)) {
      const cell = values[peer]
      if (cell !== undefined && 'reason' in cell) why.set(cell.reason, [...(why.get(cell.reason) ?? []), operation])
    }
    return [...why].map(([reason, of]) => `- ${peer}, ${of.join(', ')}: ${reason}`)
  })
  return `${lines.join('\n')}\n`
}

function costTable({ cost }: Results): string | undefined {
  if (cost === undefined) return undefined
  const { requests } = cost.values
  const names = [...new Set(COSTLY.flatMap((operation) => Object.keys(requests[operation] ?? {})))]
  const cell = (operation: OperationName, name: string) => {
    const { 'node:http': bare, [name]: own } = requests[operation] ?? {}
    if (own === undefined) return '–'
    return number(median(own)) + (bare === undefined || name === 'node:http' ? '' : ` (${number(ratio(bare, own))})`)
  }
  const rows = names.sort().map((name) => [name, ...COSTLY.map((operation) => cell(operation, name))])
  return markdownTable(['', ...COSTLY], rows) + foot(cost)
}

function pairsTable({ cost }: Results): string | undefined {
  const { requests = {}, starts = {}, library = {} } = cost?.values ?? {}
  const pair = (name: string, of: (build: string) => number[] | undefined): [string, number[], number[]][] => {
    const [before, after] = [of('before'), of('authentik-mock')]
    return before === undefined || after === undefined ? [] : [[name, before, after]]
  }
  const pairs = [
    ...COSTLY.flatMap((operation) => pair(operation, (build) => requests[operation]?.[build])),
    ...pair('start to the first answer', (build) => starts[build]?.cpu),
    ...pair('memory at rest', (build) => starts[build]?.memory),
    ...pair('import of the library and first `startMock()`', (build) => library[build]?.imported),
    ...pair('the first `startMock()` alone', (build) => library[build]?.first),
    ...pair('another `startMock()`', (build) => library[build]?.other),
    ...pair('another `startMock()` and a control request', (build) => library[build]?.controlled),
  ]
  if (cost === undefined || pairs.length === 0) return undefined
  const rows = pairs.map(([name, before, after]) => [
    name,
    number(median(before)),
    number(median(after)),
    number(ratio(after, before)),
  ])
  return markdownTable(['', 'before', 'after', 'ratio'], rows) + foot(cost)
}

function startTable({ start }: Results): string | undefined {
  if (start === undefined) return undefined
  const middleOf = (name: string, of: keyof Starts) =>
    median(start.values[name]?.[of].map((value) => value ?? Number.NaN) ?? [])
  const rows = Object.keys(start.values)
    .sort((a, b) => middleOf(a, 'start') - middleOf(b, 'start'))
    .map((name) => [
      name,
      number(middleOf(name, 'start')),
      number(middleOf(name, 'start') / middleOf('Fastify, bundled', 'start')),
      number(middleOf(name, 'cpu')),
      number(middleOf(name, 'memory')),
    ])
  const head = ['', 'first answer', 'against the bundled bare Fastify', 'processor time', 'memory']
  return markdownTable(head, rows) + foot(start)
}

function libraryTable({ library, health }: Results): string | undefined {
  if (library === undefined) return undefined
  const { firstStart, start, firstReset, reset } = library.values
  const rows: [string, number[]][] = [
    ['the first `startMock()` after the import', firstStart],
    ['another `startMock()`', start],
    ['the first reset, which loads the control API', firstReset],
    ['a reset, of a world with 100 rows deleted', reset],
    ['start to healthy', health?.values ?? []],
  ]
  const cells = rows.map(([name, times]) => [
    name,
    number(median(times)),
    number(Math.min(...times)),
    number(Math.max(...times)),
  ])
  return markdownTable(['', 'median', 'least', 'most'], cells) + foot(library)
}

function scaleTable({ scale }: Results): string | undefined {
  return sizesTable(scale, {
    start: 'start',
    firstPage: 'first page',
    page: 'page',
    firstFilteredPage: 'first filtered page',
    filteredPage: 'filtered page',
    firstOtherOrder: 'first use of another order',
    otherOrder: 'page in it',
    memory: 'memory',
    rate: 'requests/s',
    cpu: 'µs/request',
  })
}

function usersTable({ users }: Results): string | undefined {
  return sizesTable(users, {
    first: 'first page',
    page: 'page',
    firstFiltered: 'first filtered page',
    filteredPage: 'filtered page',
  })
}

/** The medians of some columns, by the number of rows. */
function sizesTable<R>(
  measured: Measured<Record<string, R[]>> | undefined,
  columns: { [K in keyof R]?: string },
): string | undefined {
  if (measured === undefined) return undefined
  const keys = Object.keys(columns) as (keyof R)[]
  const rows = Object.entries(measured.values).map(([size, rounds]) => [
    Number(size).toLocaleString('en'),
    ...keys.map((key) => number(median(rounds.map((round) => Number(round[key] ?? Number.NaN))))),
  ])
  return markdownTable(['rows', ...keys.map((key) => columns[key] ?? '')], rows) + foot(measured)
}

/** Microseconds of each grant, and how many there are time for. */
export function grantsTable({ grants }: Results): string | undefined {
  if (grants === undefined) return undefined
  const costOf = (name: GrantSubject) => median(grants.values[name].map(({ cpu }) => cpu ?? Number.NaN))
  const rows = GRANT_SUBJECTS.map((name) => {
    const cost = costOf(name)
    const rate = median(grants.values[name].map(({ rate }) => rate))
    return [name, number(cost), number(1e6 / cost), number(rate)]
  })
  const table = markdownTable(['', 'µs', 'a core has time for, a second', 'a second'], rows)
  return `${table}\n${limitsOfGrants(costOf)}\n${foot(grants)}`
}

/** How fast a server can be that does nothing but what no server can leave out. */
function limitsOfGrants(costOf: (name: GrantSubject) => number): string {
  const http = costOf('node:http, same bytes')
  const other = costOf('oauth2-mock-server, 2048 bit')
  const least = http + costOf('its two signatures alone, 2048 bit')
  const leastHs256 = http + costOf('its two signatures alone, HS256')
  return (
    'The limits, with the signatures and `node:http` and nothing else: by RS256 of 2048 bits ' +
    `${number(least)} µs, ${number(other / least)} times as fast as \`oauth2-mock-server\`, which signs two tokens as well; ` +
    `by HS256 ${number(leastHs256)} µs, ${number(1e6 / leastHs256)} a second.`
  )
}

function worldsTable({ worlds }: Results): string | undefined {
  if (worlds === undefined) return undefined
  const rows = Object.entries(worlds.values).map(([count, { rounds, memory }]) => [
    count,
    middle(rounds, 'rate'),
    middle(rounds, 'cpu'),
    number(memory),
  ])
  return markdownTable(['worlds', 'requests/s', 'µs/request', 'memory'], rows) + foot(worlds)
}

function connectionsTable({ connections }: Results): string | undefined {
  if (connections === undefined) return undefined
  const counts = Object.keys(connections.values[COMPARED[0]] ?? {})
  const cell = (rounds: Round[] = []) => `${middle(rounds, 'rate')} (${middle(rounds, 'p99')})`
  const rows = COMPARED.map((peer) => [peer, ...counts.map((count) => cell(connections.values[peer]?.[count]))])
  return markdownTable(['connections', ...counts], rows) + foot(connections)
}

function memoryTable({ memory }: Results): string | undefined {
  if (memory === undefined) return undefined
  const { part, memory: curve } = memory.values
  const rows = curve.map((value, i) => [(i * part).toLocaleString('en'), number(value)]).filter((_, i) => i % 4 === 0)
  return markdownTable(['requests', 'MiB'], rows) + foot(memory)
}

function soakTable({ soak }: Results): string | undefined {
  if (soak === undefined) return undefined
  const { minutes, seed, requests, acts, wrong, memory, slowest, attacks, stop } = soak.values
  const counts = Object.entries(acts).map(([act, count]) => `${act} ${count.toLocaleString('en')}`)
  const lines = [
    `- ${number(minutes)} minutes with seed ${seed}: ${requests.toLocaleString('en')} requests`,
    `- wrong: ${wrong.length === 0 ? 'nothing' : wrong.join('; ')}`,
    `- acts: ${counts.join(', ')}`,
    ...(attacks === undefined ? [] : [attackLine(attacks)]),
    ...(slowest === undefined ? [] : [`- the slowest good request took ${number(slowest)} ms`]),
    ...(stop === undefined ? [] : [`- SIGTERM with hostile connections open: exit code 0 after ${number(stop)} ms`]),
    `- memory over time, MiB: ${memory
      .filter((_, i) => i % 4 === 0)
      .map(number)
      .join(', ')}`,
  ]
  return `${lines.join('\n')}\n${foot(soak)}`
}

function attackLine(attacks: Record<string, number>): string {
  const times = Object.values(attacks)
  const all = times.reduce((sum, count) => sum + count, 0).toLocaleString('en')
  return `- hostile clients: ${times.length} kinds, each from ${Math.min(...times)} to ${Math.max(...times)} times, ${all} in all`
}

function middle(rounds: Round[], of: keyof Round): string {
  return number(median(rounds.map((round) => round[of] ?? Number.NaN)))
}

function foot(measured: Measured<unknown> | undefined): string {
  if (measured === undefined) return ''
  const { date, pace, busy } = measured
  return `\n${date}; ${pace.rounds} × ${pace.seconds} s; load average at the end ${number(busy)}.\n`
}
