import type { Stats } from 'node:fs'
import { lstat, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

/** What a name to write to leads to, once all symbolic links are followed. */
export interface OutputPath {
  path: string
  /** Undefined: nothing is there yet. */
  stats?: Stats
  /** The number of the open file of this process that the name means; there is nothing to open. */
  descriptor?: number
}

const DESCRIPTOR = /^(?:\/dev\/fd|\/proc\/(?:self|thread-self)\/fd)\/(\d+)$/
const STANDARD = ['/dev/stdin', '/dev/stdout', '/dev/stderr']
const MAX_LINKS = 40

/** @throws NodeJS.ErrnoException where the folder is not there, or links lead around in a circle */
export async function followLinks(name: string): Promise<OutputPath> {
  if (name.endsWith('/')) throw Object.assign(new Error('a name of a folder'), { code: 'EISDIR' })
  let path = resolve(name)
  for (let links = 0; links <= MAX_LINKS; links++) {
    const descriptor = descriptorOf(path)
    if (descriptor !== undefined) return { path, descriptor }
    // A link is read from the folder that it stands in, which may be reached by other links.
    const folder = await realpath(dirname(path))
    path = join(folder, basename(path))
    const stats = await lstatIfThere(path)
    if (stats === undefined) return { path }
    if (!stats.isSymbolicLink()) return { path, stats }
    path = resolve(folder, await readlink(path))
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' })
}

/** To open such a name anew would begin a file at its start, and fails for a socket. */
function descriptorOf(path: string): number | undefined {
  const standard = STANDARD.indexOf(path)
  if (standard !== -1) return standard
  const number = DESCRIPTOR.exec(path)?.[1]
  return number === undefined ? undefined : Number(number)
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
