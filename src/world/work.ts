/** Long work, in steps. */
export interface Work<T> {
  /** Undefined: it is not done. */
  readonly done: { value: T } | undefined
  /** Does what is left of it at once. */
  finish(): T
  /** Does what is left of it a little at a time, so that others get their turn. */
  spread(): Promise<T>
}

/** How long others wait. Short, as Node accepts one connection in each turn of the event loop. */
const TURN_MS = 2

/** All works whose next turn is to come: one turn at a time, however many they are. */
const waiting: (() => void)[] = []

function turn(): Promise<void> {
  return new Promise((begin) => {
    if (waiting.push(begin) === 1) setImmediate(nextTurn)
  })
}

function nextTurn(): void {
  waiting.shift()?.()
  if (waiting.length > 0) setImmediate(nextTurn)
}

/** @param steps yields wherever the work may pause */
export function createWork<T>(steps: () => Iterator<void, T>): Work<T> {
  let running: Iterator<void, T> | undefined
  let done: { value: T } | undefined

  /** @param end by `performance.now()` */
  function run(end: number): void {
    running ??= steps()
    while (done === undefined) {
      const step = running.next()
      if (step.done) done = { value: step.value }
      else if (performance.now() > end) return
    }
    running = undefined
  }

  return {
    get done() {
      return done
    },
    finish() {
      run(Number.POSITIVE_INFINITY)
      return (done as { value: T }).value
    },
    async spread() {
      for (;;) {
        await turn()
        run(performance.now() + TURN_MS)
        if (done !== undefined) return done.value
      }
    },
  }
}
