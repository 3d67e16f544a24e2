import { randomBytes } from 'node:crypto'
import { constants, fstat, type Stats } from 'node:fs'
import { access, type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { OutputError } from './failure.js'
import { followLinks, type OutputPath } from './output-path.js'
import { writeToDescriptor, writeToDevice } from './special-file.js'
import { UsageError } from './usage-error.js'

const NO_FOLDER = 'there is no such folder'
const NOT_WRITABLE = 'it may not be written'
const REASONS: Record<string, string> = {
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EROFS: NOT_WRITABLE,
  ENOENT: NO_FOLDER,
  ENOTDIR: NO_FOLDER,
  EISDIR: 'it is a folder',
  ELOOP: 'it is a symbolic link that leads to itself',
  EBADF: 'no such file is open',
  ENOSPC: 'no space is left there',
  EDQUOT: 'no space is left there',
  EFBIG: 'it would be larger than files may be',
  EIO: 'the device fails',
  EPIPE: 'nothing reads it',
  ENXIO: 'nothing reads it',
}

/** A folder, or the place of a mounted file, may forbid what the file itself allows. */
const IN_PLACE = new Set(['EACCES', 'EPERM', 'EROFS', 'EBUSY', 'EXDEV'])

/**
 * Looks, before there is something to write, whether it could be written.
 *
 * @returns whether it is a file, or something that is written into
 * @throws NodeJS.ErrnoException
 */
export async function checkWritable(file: string): Promise<'file' | 'device'> {
  const { stats, descriptor } = await writablePath(file)
  return descriptor === undefined && (stats === undefined || stats.isFile()) ? 'file' : 'device'
}

async function writablePath(file: string): Promise<OutputPath> {
  const found = await followLinks(file)
  const { path, stats, descriptor } = found
  if (stats?.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' })
  if (stats?.isSocket()) throw new Error('it is a socket')
  if (descriptor !== undefined) await promisify(fstat)(descriptor)
  else await access(stats === undefined ? dirname(path) : path, constants.W_OK)
  return found
}

/**
 * Writes a file that is under its name only once it is whole and on the disk. It keeps the mode and the owner of the
 * one that is there. What is no regular file is written into.
 *
 * @param mode who may read a new file
 * @throws NodeJS.ErrnoException
 */
export async function writeWhole(file: string, text: string, mode = 0o644): Promise<void> {
  const { path, stats, descriptor } = await writablePath(file)
  if (descriptor !== undefined) await writeToDescriptor(descriptor, text)
  else if (stats === undefined) await writeBeside(path, text, mode)
  else if (stats.isFile()) await replace(path, text, stats)
  else await writeToDevice(path, stats.isFIFO(), text)
}

/**
 * What a person is told of a file that cannot be written, before there is something to write.
 *
 * @param option which names the file
 */
export function notWritable(option: string, file: string, error: unknown): UsageError {
  return new UsageError(`${option}: found ${file}: ${reasonOf(error)}; allowed: a file that can be written`)
}

/** The same of a file that was right when it was asked for. */
export function notWritten(option: string, file: string, error: unknown): OutputError {
  return new OutputError(`${option}: ${file} could not be written: ${reasonOf(error)}`)
}

function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}

async function replace(path: string, text: string, { mode, uid, gid }: Stats): Promise<void> {
  try {
    await writeBeside(path, text, 0o600, async (handle) => {
      const { uid: ownUid, gid: ownGid } = await handle.stat()
      if (uid !== ownUid || gid !== ownGid) await handle.chown(uid, gid)
      await handle.chmod(mode & 0o7777)
    })
  } catch (error) {
    if (!IN_PLACE.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    await writeAndClose(await open(path, constants.O_WRONLY), text, (handle) => handle.truncate(0))
  }
}

/** Writes a file of another name in the same folder, and gives it the right one in a single step. */
async function writeBeside(
  path: string,
  text: string,
  mode: number,
  prepare?: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  const folder = dirname(path)
  const part = join(folder, `.authentik-mock-${randomBytes(6).toString('hex')}.part`)
  const handle = await open(part, 'wx', mode)
  try {
    await writeAndClose(handle, text, prepare)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true }).catch(() => {})
    throw error
  }
  await syncFolder(folder)
}

async function writeAndClose(
  handle: FileHandle,
  text: string,
  prepare?: (handle: FileHandle) => Promise<void>,
): Promise<void> {
  try {
    await prepare?.(handle)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** So that the name survives, too. Some systems cannot, and need not. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
