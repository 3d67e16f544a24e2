import type { GrantSubject } from './grant-subjects.js'
import type { OperationName } from './operations.js'
import { AS_IT_COMES, type PeerName } from './peers.js'
import type { Results } from './results.js'
import { median, ratio } from './rounds.js'
import type { ScaleRound } from './scale.js'
import type { UsersRound } from './users.js'

/** A goal, and what was measured of it. */
export interface Goal {
  text: string
  /** The least, or the most, that is allowed. */
  least?: number
  most?: number
  unit: '×' | 'ms' | 'wrong' | 'a second'
  measured: (results: Results) => number | undefined
  /** The same ratio of processor time per request instead of requests per second. */
  processor?: (results: Results) => number | undefined
}

const MOCK = 'authentik-mock'
const SLOW: PeerName[] = ['Prism, static', 'Prism, dynamic', 'Mockoon']

export const GOALS: Goal[] = [
  { text: 'retrieve, against `node:http`', least: 0.9, unit: '×', ...against('retrieve', ['node:http']) },
  {
    text: 'retrieve, against `node:http` with the same head and body, by processor time',
    least: 0.88,
    unit: '×',
    measured: costRatio('retrieve', MOCK),
  },
  {
    text: 'the same with control off',
    least: 0.93,
    unit: '×',
    measured: costRatio('retrieve', `${MOCK}, control off`),
  },
  {
    text: 'list of 100, against `node:http` with the same bytes',
    least: 0.7,
    unit: '×',
    ...against('list of 100', ['node:http']),
  },
  { text: 'retrieve, against the fastest of Prism and Mockoon', least: 15, unit: '×', ...against('retrieve', SLOW) },
  {
    text: 'start as it comes, against a bundled bare Fastify',
    most: 1.3,
    unit: '×',
    ...starts(AS_IT_COMES, 'Fastify, bundled'),
  },
  {
    text: 'start over fixtures and made-up rows, against a bundled bare Fastify',
    most: 1.3,
    unit: '×',
    ...starts(MOCK, 'Fastify, bundled'),
  },
  {
    text: 'the first `startMock()` after the import',
    most: 10,
    unit: 'ms',
    measured: ({ library }) => some(library?.values.firstStart),
  },
  { text: 'another `startMock()`', most: 10, unit: 'ms', measured: ({ library }) => some(library?.values.start) },
  { text: 'reset', most: 5, unit: 'ms', measured: ({ library }) => some(library?.values.reset) },
  {
    text: 'start with a million rows, against ten',
    most: 1.2,
    unit: '×',
    ...starts('authentik-mock, 1,000,000 rows', 'authentik-mock, 10 rows'),
  },
  { text: 'a page of a million rows, against 1,000', most: 2, unit: '×', measured: againstSmall('page') },
  {
    text: 'a filtered page of a million rows, against 1,000',
    most: 2,
    unit: '×',
    measured: againstSmall('filteredPage'),
  },
  {
    text: 'the first filtered page of a million rows, against 1,000',
    most: 2,
    unit: '×',
    measured: againstSmall('firstFilteredPage'),
  },
  { text: 'the first list of a million rows', most: 1000, unit: 'ms', measured: ofMillion('firstPage') },
  {
    text: 'the first use of another order, of a million rows',
    most: 1000,
    unit: 'ms',
    measured: ofMillion('firstOtherOrder'),
  },
  {
    text: 'a page of users by name among those of a million rows, against 10,000',
    most: 2,
    unit: '×',
    measured: usersAgainstSmall('page'),
  },
  {
    text: 'a filtered page of users by name among those of a million rows, against 10,000',
    most: 2,
    unit: '×',
    measured: usersAgainstSmall('filteredPage'),
  },
  {
    text: 'a refresh grant by RS256, 4096 bit, against its two signatures alone, by processor time',
    most: 1.3,
    unit: '×',
    measured: grantCost('RS256, 4096 bit', 'its two signatures alone, 4096 bit'),
  },
  {
    text: 'refresh grants by RS256, 2048 bit, against `oauth2-mock-server`',
    least: 3,
    unit: '×',
    measured: grantRate('RS256, 2048 bit', 'oauth2-mock-server, 2048 bit'),
    processor: grantCost('oauth2-mock-server, 2048 bit', 'RS256, 2048 bit'),
  },
  {
    text: 'refresh grants by HS256 that a core has time for',
    least: 10_000,
    unit: 'a second',
    measured: ({ grants }) => {
      const costs = costsOf(grants?.values.HS256)
      return costs && 1e6 / median(costs)
    },
  },
  {
    text: 'a refresh grant with 100,000 live tokens, against 16, by processor time',
    most: 1.1,
    unit: '×',
    measured: grantCost('HS256 with 100,000 live tokens', 'HS256'),
  },
  {
    text: 'memory at the end of the load, against its second quarter',
    most: 1.1,
    unit: '×',
    measured: growth(({ memory }) => memory?.values.memory),
  },
  { text: 'memory at rest, against bare Fastify', most: 1.5, unit: '×', measured: memoryAtRest },
  { text: 'wrong answers in the soak', most: 0, unit: 'wrong', measured: ({ soak }) => soak?.values.wrong.length },
  {
    text: 'memory at the end of the soak, against its second quarter',
    most: 1.1,
    unit: '×',
    measured: growth(({ soak }) => soak?.values.memory),
  },
]

export function isMet(
  { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY }: Goal,
  measured: number,
): boolean {
  return measured >= least && measured <= most
}

/** How often faster the mock is than the fastest of its peers. */
function against(operation: OperationName, peers: PeerName[]): Pick<Goal, 'measured' | 'processor'> {
  return {
    measured: (results) => smallest(peers.map((peer) => rateRatio(results, operation, MOCK, peer))),
    processor: (results) => smallest(peers.map((peer) => processorRatio(results, operation, MOCK, peer))),
  }
}

/** How much of its processor time `node:http` would need, sending the same head and body. */
function costRatio(operation: OperationName, server: string): Goal['measured'] {
  return ({ cost }) => {
    const { 'node:http': bare, [server]: own } = cost?.values.requests[operation] ?? {}
    return bare && own && ratio(bare, own)
  }
}

/** Requests per second of one by those of another, in the same rounds. */
export function rateRatio(
  { operations }: Results,
  operation: OperationName,
  one: PeerName,
  other: PeerName,
): number | undefined {
  const rates = [one, other].map((peer) => roundsOf(operations[operation]?.values[peer])?.map(({ rate }) => rate))
  return rates[0] && rates[1] && ratio(rates[0], rates[1])
}

function processorRatio(
  { operations }: Results,
  operation: OperationName,
  one: PeerName,
  other: PeerName,
): number | undefined {
  const times = [one, other].map((peer) =>
    roundsOf(operations[operation]?.values[peer])?.map(({ cpu }) => cpu ?? Number.NaN),
  )
  return times[0] && times[1] && ratio(times[1], times[0])
}

type Cell = NonNullable<Results['operations'][OperationName]>['values'][string]

function roundsOf(cell: Cell | undefined) {
  return cell !== undefined && 'rounds' in cell ? cell.rounds : undefined
}

type GrantRounds = NonNullable<Results['grants']>['values'][GrantSubject]

function costsOf(rounds: GrantRounds | undefined): number[] | undefined {
  return rounds?.map(({ cpu }) => cpu ?? Number.NaN)
}

/** How often more processor time one takes than another, for each grant. */
function grantCost(one: GrantSubject, other: GrantSubject): Goal['measured'] {
  return ({ grants }) => {
    const [own, others] = [costsOf(grants?.values[one]), costsOf(grants?.values[other])]
    return own && others && ratio(own, others)
  }
}

function grantRate(one: GrantSubject, other: GrantSubject): Goal['measured'] {
  return ({ grants }) => {
    const [own, others] = [one, other].map((name) => grants?.values[name]?.map(({ rate }) => rate))
    return own && others && ratio(own, others)
  }
}

function starts(one: string, other: string): Pick<Goal, 'measured' | 'processor'> {
  const compare =
    (time: 'start' | 'cpu') =>
    ({ start }: Results) => {
      const times = [one, other].map((name) => start?.values[name]?.[time].map((value) => value ?? Number.NaN))
      return times[0] && times[1] && ratio(times[0], times[1])
    }
  return { measured: compare('start'), processor: compare('cpu') }
}

function againstSmall(time: keyof ScaleRound): Goal['measured'] {
  return ({ scale }) => againstFewer('1000', time, scale?.values)
}

function usersAgainstSmall(time: keyof UsersRound): Goal['measured'] {
  return ({ users }) => againstFewer('10000', time, users?.values)
}

/** How many times as long something takes among a million rows as among fewer. */
function againstFewer<R>(few: string, time: keyof R, rounds: Record<string, R[]> | undefined): number | undefined {
  const times = (rows: string) => rounds?.[rows]?.map((round) => Number(round[time] ?? Number.NaN))
  const [large, small] = [times('1000000'), times(few)]
  return large && small && ratio(large, small)
}

function ofMillion(time: keyof ScaleRound): Goal['measured'] {
  return ({ scale }) => some(scale?.values['1000000']?.map((round) => round[time] ?? Number.NaN))
}

function growth(of: (results: Results) => (number | null)[] | undefined): Goal['measured'] {
  return (results) => {
    const curve = of(results)?.map((memory) => memory ?? Number.NaN)
    if (curve === undefined) return undefined
    const quarter = Math.floor(curve.length / 4)
    return median(curve.slice(-quarter)) / median(curve.slice(quarter, 2 * quarter))
  }
}

function memoryAtRest({ start }: Results): number | undefined {
  const memory = (name: string) => some(start?.values[name]?.memory.map((value) => value ?? Number.NaN))
  const [mock, bare] = [memory('authentik-mock, 10 rows'), memory('Fastify')]
  return mock && bare && mock / bare
}

function some(values: number[] | undefined): number | undefined {
  return values && median(values)
}

function smallest(values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === 0 ? undefined : Math.min(...known)
}
