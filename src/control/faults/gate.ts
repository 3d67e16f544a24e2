import type { Waits } from '../waits.js'

/** Where requests wait for each other, so that a race is run on purpose. */
export interface Gate {
  enter(held: Held): void
}

export interface OwnGate extends Gate {
  /** Lets go whoever waits, though not all are there. */
  open(): void
}

/** A request at a gate. */
export interface Held {
  /** Calls back after as long as its fault delays it; at once, where it does not. */
  delay(then: () => void): void
  /**
   * Lets it do its work.
   *
   * @param worked is called once it has done it, if anybody still waits for the answer
   * @param answered is called once it was answered, or is done and nobody waits any more
   */
  go(worked: () => void, answered: () => void): void
}

export interface GateSettings {
  /** How many wait for each other. */
  size: number
  /** Which of them goes first, and so on, counted from 1; by default as they came. */
  order?: number[] | undefined
  /** Whether each goes only once the one before it was answered. */
  isSerial: boolean
  /** How many milliseconds one of them may take for that; then the next one goes. */
  patience: number
  waits: Waits
}

/** In milliseconds: nobody waits longer for the others. */
export const MAX_GATE_WAIT = 5_000

const ignore = () => {}

export function createGate({ size, order, isSerial, patience, waits }: GateSettings): OwnGate {
  let held: Held[] = []
  let callOff = () => {}
  const queue: Held[] = []
  let isBusy = false

  function open(): void {
    callOff()
    const opened = inOrder(held, size, order)
    held = []
    if (isSerial) {
      queue.push(...opened)
      if (!isBusy) next()
    } else for (const { delay, go } of opened) delay(() => go(ignore, ignore))
  }

  function next(): void {
    const entry = queue.shift()
    isBusy = entry !== undefined
    entry?.delay(() => {
      let isPast = false
      const pass = () => {
        if (isPast) return
        isPast = true
        callOffPatience()
        next()
      }
      const callOffPatience = waits.after(patience, pass)
      entry.go(ignore, pass)
    })
  }

  return {
    open,
    enter(entry) {
      held.push(entry)
      if (held.length >= size) open()
      else if (held.length === 1) callOff = waits.after(MAX_GATE_WAIT, open)
    },
  }
}

/** Those who came, as they are to go. Where fewer came than were waited for, they go as they came. */
export function inOrder<T>(came: readonly T[], size: number, order: number[] | undefined): readonly T[] {
  return came.length === size && order !== undefined ? order.map((place) => came[place - 1] as T) : came
}
