import { inRounds, type Pace } from './rounds.js'
import { startMock, timePages } from './scale.js'
import type { Setup } from './setup.js'

/** The people of made-up rows, who are asked for by name. */

const USERS = '/api/v3/core/users/'

/** Milliseconds of pages of five, by name: the first of a world, which reads and orders all, and others spread over it. */
export interface UsersRound {
  first: number
  page: number
  firstFiltered: number
  filteredPage: number
}

/** Fewer rows have so few people that the second list finds all of their bodies made by the first. */
export const USER_SIZES = [10_000, 1_000_000]

/** Worlds of so many rows, in turns; each turn starts them anew. */
export async function measureUsers(setup: Setup, pace: Pace): Promise<Record<string, UsersRound[]>> {
  const rounds = await inRounds(USER_SIZES, pace, (rows) => measureWorld(rows, setup))
  return Object.fromEntries(USER_SIZES.map((rows, i) => [rows, rounds[i] ?? []]))
}

async function measureWorld(rows: number, setup: Setup): Promise<UsersRound> {
  await using server = await startMock(rows, setup)
  const plain = await timePages(server, USERS, 'ordering=name&')
  const filtered = await timePages(server, USERS, 'ordering=name&is_active=true&')
  return {
    first: plain.first,
    page: plain.typical,
    firstFiltered: filtered.first,
    filteredPage: filtered.typical,
  }
}
