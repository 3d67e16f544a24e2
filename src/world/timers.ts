import { performance } from 'node:perf_hooks'
import timers from 'node:timers'

/**
 * Time as it is when the program is loaded. A test that fakes timers or dates fakes those of its own code: the mock that
 * runs beside it goes on, and `mock.clock` alone sets its clock.
 */

export const { setTimeout, clearTimeout } = timers

/** Milliseconds since 1970. */
export const { now: machineNow } = Date

/** Milliseconds since some moment, to measure durations with. */
export const stopwatch: () => number = performance.now.bind(performance)
