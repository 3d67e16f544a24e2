import type { Micros } from './instant.js'

/** The time of one world: it runs with the machine's, shifted, or stands still. */
export interface Clock {
  now(): Micros
  readonly frozen: boolean
  /** Goes on from `moment`, running or standing still as before. */
  set(moment: Micros): void
  freeze(): void
  run(): void
  /** Back to the machine's own time, running. */
  reset(): void
}

/** The time of the machine. */
export function machineTime(): Micros {
  return Date.now() * 1e3
}

export function createClock(): Clock {
  let offset: Micros = 0
  let stopped: Micros | undefined
  const now = (): Micros => stopped ?? machineTime() + offset

  return {
    now,
    get frozen() {
      return stopped !== undefined
    },
    set(moment) {
      offset = moment - machineTime()
      if (stopped !== undefined) stopped = moment
    },
    freeze() {
      stopped = now()
    },
    run() {
      offset = now() - machineTime()
      stopped = undefined
    },
    reset() {
      offset = 0
      stopped = undefined
    },
  }
}
