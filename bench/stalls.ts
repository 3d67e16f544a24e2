const TICK_MS = 10
/** Later than this, a tick is late. */
const LATE_MS = 5

let stalled = 0
let last = performance.now()

setInterval(() => {
  const now = performance.now()
  stalled += Math.max(0, now - last - TICK_MS - LATE_MS)
  last = now
}, TICK_MS).unref()

/** For how long this process itself stood still so far, in milliseconds: nobody it waited for is to blame for that. */
export function stalledFor(): number {
  const since = performance.now() - last
  return stalled + Math.max(0, since - TICK_MS - LATE_MS)
}
