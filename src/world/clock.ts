import { type Micros, nearestMoment } from './instant.js'

/**
 * The time of one world: it runs with the machine's, shifted, or stands still. Its range is the years 1 to 9999: one that
 * runs to the end stands still there.
 */
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
  // The moment that was set, and when: their sum would lose microseconds far out.
  let moment: Micros = 0
  let setAt: Micros = 0
  let stopped: Micros | undefined
  const now = (): Micros => stopped ?? nearestMoment(moment + (machineTime() - setAt))

  function goOnFrom(other: Micros): void {
    moment = nearestMoment(other)
    setAt = machineTime()
  }

  return {
    now,
    get frozen() {
      return stopped !== undefined
    },
    set(other) {
      goOnFrom(other)
      if (stopped !== undefined) stopped = moment
    },
    freeze() {
      stopped = now()
    },
    run() {
      goOnFrom(now())
      stopped = undefined
    },
    reset() {
      moment = 0
      setAt = 0
      stopped = undefined
    },
  }
}
