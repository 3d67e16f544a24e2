import { signal } from '@preact/signals'
import { ahead, info } from './api.js'

/** Moments as people read them. */

/** The time of the machine, in whole seconds: what shows the clock runs with it. */
const machine = signal(Date.now())
setInterval(() => {
  machine.value = Date.now()
}, 1000)

/** The time of the world, in milliseconds. */
export function worldNow(): number {
  const { clock } = info.value ?? {}
  const now = Math.max(machine.value, Date.now())
  if (clock === undefined) return now
  return clock.frozen ? Date.parse(clock.now) : now + ahead.value
}

/** `2030-01-31 12:00:00`, in UTC. Years before 1000 and such keep their form. */
export function dateText(moment: number | string): string {
  const date = new Date(moment)
  return Number.isNaN(date.getTime())
    ? String(moment)
    : date
        .toISOString()
        .replace('T', ' ')
        .replace(/\.\d+Z$/, '')
}

export function timeText(moment: string): string {
  return /T(\d\d:\d\d:\d\d(?:\.\d{1,3})?)/.exec(moment)?.[1] ?? moment
}

const UNITS = [
  ['year', 365.25 * 86_400],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** How far a moment is from another: `in 3 days`, `2 hours ago`, `now`. */
export function distanceText(moment: number, from: number): string {
  const seconds = Math.round((moment - from) / 1000)
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1]
  const count = Math.round(Math.abs(seconds) / size)
  if (count === 0) return 'now'
  const text = `${count} ${unit}${count === 1 ? '' : 's'}`
  return seconds > 0 ? `in ${text}` : `${text} ago`
}
