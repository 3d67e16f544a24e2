import type { Socket } from 'node:net'
import { memoizeAll } from '../world/memoize.js'

/** What waits on purpose: delays of faults and stubs, long polls. When a mock stops, all of it ends at once. */
export interface Waits {
  /**
   * Calls back after so many milliseconds, or as soon as all waiting ends, or whoever asked has left.
   *
   * @param socket the connection of whoever asked; undefined: nobody in particular
   * @returns what calls it off
   */
  after(milliseconds: number, callback: () => void, socket?: Socket): () => void
  /** Whether all waiting has ended. */
  readonly isOver: boolean
  /** Ends all waiting, now and from now on. */
  end(): void
}

export function createWaits(): Waits {
  const waiting = new Map<() => void, NodeJS.Timeout>()
  let isOver = false
  return {
    get isOver() {
      return isOver
    },
    after(milliseconds, callback, socket) {
      const asked = socket && askedOver(socket)
      const callOff = () => {
        clearTimeout(waiting.get(run))
        waiting.delete(run)
        asked?.delete(run)
      }
      const run = () => {
        callOff()
        callback()
      }
      waiting.set(run, setTimeout(run, isOver || (socket && hasLeft(socket)) ? 0 : milliseconds))
      asked?.add(run)
      return callOff
    },
    end() {
      isOver = true
      for (const run of [...waiting.keys()]) run()
    },
  }
}

/** What waits for a connection: many requests may have come over one, which has one listener for all of them. */
const askedOver = memoizeAll((socket: Socket) => {
  const asked = new Set<() => void>()
  for (const event of ['end', 'close'])
    socket.once(event, () => {
      for (const run of [...asked]) run()
    })
  return asked
}, new WeakMap())

/** Whether a client is gone, or sends nothing more, which looks the same: it is answered, but nobody waits for it. */
export function hasLeft(socket: Socket): boolean {
  return socket.destroyed || socket.readableEnded
}
