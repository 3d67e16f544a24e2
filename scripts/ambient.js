import { performance } from 'node:perf_hooks'
import timers from 'node:timers'

/**
 * What the bundle has in place of these globals: what Node brings, taken when it is loaded. A test may fake timers and
 * dates, and run in a simulated page, for its own code; the mock that runs beside it goes on. See decisions/0002.
 */

const { now } = performance
const { nextTick: ofProcess } = process

export const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate } = timers
export const { queueMicrotask } = globalThis
export const { now: dateNow } = Date
export const nextTick = ofProcess.bind(process)
export const performanceNow = now.bind(performance)
export { URL, URLSearchParams } from 'node:url'
export { TextDecoder, TextEncoder } from 'node:util'
