import type { Socket } from 'node:net'
import { ControlError } from '../problem.js'
import type { Waits } from '../waits.js'
import type { Matches } from './journal-query.js'

/** Who waits for entries of a journal. Each new entry is looked at once for each of them. */
export interface Waiting<Entry> {
  /** @throws ControlError where too many wait already */
  refuseCrowd(): void
  /** Resolves once there are so many entries, when the time is over, or when whoever asked is gone. */
  wait(request: WaitRequest): Promise<void>
  /** Looks whom a new entry was waited for by. */
  look(entry: Entry): void
  /** The journal was emptied: everybody waits for as many entries as at first. */
  restart(): void
  endAll(): void
}

export interface WaitRequest {
  matches: Matches
  wanted: number
  /** How many of them are there already. */
  found: number
  seconds: number
  waits: Waits
  /** The connection of whoever asked. */
  socket: Socket
}

const MAX_WAITING = 100

export function createWaiting<Entry extends Parameters<Matches>[0]>(): Waiting<Entry> {
  const waiters = new Set<WaitRequest & { end: () => void }>()
  return {
    refuseCrowd() {
      if (waiters.size >= MAX_WAITING)
        throw new ControlError(429, `found ${waiters.size} requests that wait in this world; allowed: ${MAX_WAITING}`)
    },
    wait: (request) =>
      new Promise((resolve) => {
        if (request.found >= request.wanted) return resolve()
        const end = () => {
          callOff()
          waiters.delete(waiter)
          resolve()
        }
        const callOff = request.waits.after(request.seconds * 1000, end, request.socket)
        const waiter = { ...request, end }
        waiters.add(waiter)
      }),
    look(entry) {
      for (const waiter of waiters) if (waiter.matches(entry) && ++waiter.found >= waiter.wanted) waiter.end()
    },
    restart() {
      for (const waiter of waiters) waiter.found = 0
    },
    endAll() {
      for (const { end } of waiters) end()
    },
  }
}
