import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UsageError } from './command-line.js'

const REASONS: Record<string, string> = {
  ENOSPC: 'no space is left there',
  EACCES: 'it may not be written',
  EROFS: 'it may not be written',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'there is no such folder',
  EISDIR: 'it is a folder',
  EDQUOT: 'no space is left there',
}

/**
 * Writes a file that is under its name only once it is whole and on the disk.
 *
 * @param option which names the file, for the message
 * @param mode who may read it
 * @throws UsageError that says why it could not be written
 */
export async function writeWhole(option: string, file: string, text: string, mode = 0o644): Promise<void> {
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`)
  try {
    const handle = await open(part, 'w', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new UsageError(`${option}: found ${file}: ${REASONS[code] ?? message}; allowed: a file that can be written`)
  }
}
