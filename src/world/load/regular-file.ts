import { constants, type Stats } from 'node:fs'
import { open, stat } from 'node:fs/promises'

/** Windows has no such flag, and no FIFOs among its files. */
const { O_RDONLY, O_NONBLOCK = 0 } = constants

/**
 * Reads a file, and never waits for somebody to write it: what is no regular file is refused before it is opened, and
 * again afterwards, as it may be another one by then.
 *
 * @param limit how many bytes it may have
 * @throws Error whose message says what was found
 */
export async function readRegularFile(file: string, limit: number): Promise<Buffer> {
  check(await stat(file), limit)
  const handle = await open(file, O_RDONLY | O_NONBLOCK)
  try {
    check(await handle.stat(), limit)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

function check(stats: Stats, limit: number): void {
  const kind = kindOf(stats)
  if (kind !== undefined) throw new Error(kind)
  if (stats.size > limit) throw new Error(`a file of more than ${limit / 2 ** 20} MiB`)
}

/** What it is if it is no regular file. */
export function kindOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined
  if (stats.isDirectory()) return 'a folder'
  if (stats.isFIFO()) return 'a FIFO'
  return stats.isSocket() ? 'a socket' : 'a device'
}
