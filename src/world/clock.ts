import { type Micros, nearestMoment } from './instant.js'

/**
 * The time of one world: it runs with the machine's, shifted, or stands still. Its range is the years 1 to 9999: one that
 * runs to the end stands still there.
 */
export interface Clock {
  now(): Micros
  readonly frozen: boolean
  readonly setting: ClockSetting
  apply(setting: ClockSetting): void
}

/** How a clock is set, as plain JSON. */
export interface ClockSetting {
  /** The moment that it was set to, and the machine's time then: their sum would lose microseconds far out. */
  moment: Micros
  setAt: Micros
  /** Whether it stands still at that moment. */
  frozen: boolean
}

/** The time of the machine. */
export function machineTime(): Micros {
  return Date.now() * 1e3
}

/** The machine's own time, running. */
export const REAL_TIME: ClockSetting = { moment: 0, setAt: 0, frozen: false }

/** A clock that goes on from a moment. */
export function settingAt(moment: Micros, frozen: boolean): ClockSetting {
  return { moment: nearestMoment(moment), setAt: machineTime(), frozen }
}

export function createClock(): Clock {
  let { moment, setAt, frozen } = REAL_TIME
  return {
    now: () => (frozen ? moment : nearestMoment(moment + (machineTime() - setAt))),
    get frozen() {
      return frozen
    },
    get setting() {
      return { moment, setAt, frozen }
    },
    apply(setting) {
      ;({ moment, setAt, frozen } = setting)
    },
  }
}
