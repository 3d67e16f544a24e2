import { type Micros, microsOf } from '../src/world/instant.js'
import type { Facts } from './facts.js'
import { atOf } from './moments.js'
import type { Recording, Step } from './recording.js'

/** Somebody signs in, before a step is sent. */
export interface SignIn {
  username: string
  /** Undefined: at whatever time it is. */
  at: Micros | undefined
}

const SECOND = 1e6
const LOGIN = /"username":"([^"]*)"[^{}]*?"last_login":"([^"]*)"/g

/**
 * When the people of a recording signed in, by the step before which it happened. The recording does not say it, but
 * its rows (`last_login`) and its tokens (`auth_time` beside `sid`) do; who is signed in without either did it just
 * then.
 */
export function signInsOf(recording: Recording, facts: Facts): Map<Step, SignIn[]> {
  const { steps } = recording
  const found = new Map<Step, SignIn[]>()
  const add = (step: Step | undefined, signIn: SignIn) => {
    if (step !== undefined) found.set(step, [...(found.get(step) ?? []), signIn])
  }
  for (const username of new Set(steps.flatMap((step) => usernameOf(step, facts) ?? []))) {
    const uses = steps.filter((step) => usernameOf(step, facts) === username)
    const exact = loginsIn(recording, username, facts)
    const seconds = authTimesIn(recording, username, facts).filter(
      (second) => !exact.some((at) => secondOf(at) === second),
    )
    const moments = [...exact, ...seconds.map((second) => latestIn(second, uses))].sort((a, b) => a - b)
    const first = uses[0]
    if (moments.every((at) => at > (atOf(first) ?? 0))) add(first, { username, at: atOf(first) })
    for (const at of moments)
      add(
        steps.find((step) => (atOf(step) ?? 0) >= at),
        { username, at },
      )
  }
  for (const signIns of found.values()) signIns.sort((a, b) => (a.at ?? 0) - (b.at ?? 0))
  return found
}

/** Undefined: nobody is signed in. Who is not in the world file goes by what the recording says. */
export function usernameOf({ session }: Step, { usernames }: Facts): string | undefined {
  return session === undefined || session === null ? undefined : (usernames.get(session) ?? session)
}

function loginsIn({ steps, bodies }: Recording, username: string, { moments }: Facts): Micros[] {
  const logins = new Set<Micros>()
  for (const body of [...bodies, ...steps.flatMap(({ responseBody }) => responseBody ?? [])])
    for (const [, who, instant = ''] of body.matchAll(LOGIN)) if (who === username) logins.add(microsOf(instant))
  return [...logins].filter((at) => !moments.has(at))
}

/** In seconds, of tokens that belong to a session. */
function authTimesIn({ tokens }: Recording, username: string, facts: Facts): number[] {
  const times = Object.values(tokens).flatMap(({ claims = {} }) => {
    const isTheirs = facts.usernames.get(String(claims['sub'])) === username
    return isTheirs && claims['sid'] !== undefined ? Number(claims['auth_time']) : []
  })
  return [...new Set(times)]
}

/** The latest moment of a second that is not after the request which was the first to use the session. */
function latestIn(second: number, uses: Step[]): Micros {
  const use = uses.map(atOf).find((at) => at !== undefined && at >= second * SECOND)
  return Math.min(use ?? Number.POSITIVE_INFINITY, (second + 1) * SECOND - 1)
}

function secondOf(at: Micros): number {
  return Math.floor(at / SECOND)
}
