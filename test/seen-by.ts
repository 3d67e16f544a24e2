import type { Mock } from '../src/index.js'

/** Resolves once a fault has seen so many requests: the one with an id, or else the first. */
export async function seenBy(mock: Mock, count: number, id?: string): Promise<void> {
  while ((await mock.faults.list()).find((fault) => id === undefined || fault.id === id)?.seen !== count);
}
