import type { Waits } from './waits.js'

/** Where requests wait for each other, so that a race is run on purpose. */
export interface Gate {
  /**
   * @param go lets the request do its work
   * @param onAnswered is given what to call once it was answered
   */
  enter(go: () => void, onAnswered: (next: () => void) => void): void
}

export interface GateSettings {
  /** How many wait for each other. */
  size: number
  /** Which of them goes first, and so on, counted from 1; by default as they came. */
  order?: number[] | undefined
  /** Whether each goes only once the one before it was answered. */
  isSerial: boolean
  waits: Waits
}

/** Nobody waits longer for the others. */
const MAX_GATE_WAIT = 5_000

type Entry = Parameters<Gate['enter']>

export function createGate({ size, order, isSerial, waits }: GateSettings): Gate {
  let held: Entry[] = []
  let callOff = () => {}
  const queue: Entry[] = []
  let isBusy = false

  function open(): void {
    callOff()
    const entries = held
    held = []
    // Fewer came than were waited for: they go as they came.
    const ordered = entries.length === size && order !== undefined ? order.map((place) => entries[place - 1]) : entries
    for (const entry of ordered as Entry[]) {
      if (isSerial) queue.push(entry)
      else entry[0]()
    }
    if (isSerial && !isBusy) next()
  }

  function next(): void {
    const entry = queue.shift()
    isBusy = entry !== undefined
    if (entry === undefined) return
    const [go, onAnswered] = entry
    onAnswered(next)
    go()
  }

  return {
    enter(...entry) {
      held.push(entry)
      if (held.length >= size) open()
      else if (held.length === 1) callOff = waits.after(MAX_GATE_WAIT, open)
    },
  }
}
