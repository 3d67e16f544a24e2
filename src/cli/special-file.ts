import { close, constants, fstat, open, type Stats, write } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'

const { O_WRONLY, O_NONBLOCK = 0 } = constants
/** How long the reader of a FIFO may take to come. */
const PATIENCE_MS = 5000
const RETRY_MS = 20

/**
 * Writes into an open file of this process, such as standard output.
 *
 * @throws NodeJS.ErrnoException
 */
export async function writeToDescriptor(descriptor: number, text: string): Promise<void> {
  const stats = await promisify(fstat)(descriptor)
  // What Node itself holds open must be written by Node, which may have more to write there.
  if (descriptor === 1) await writeToStream(process.stdout, text)
  else if (descriptor === 2) await writeToStream(process.stderr, text)
  else if (isPipe(stats)) await writeToPipe(descriptor, text)
  else await writeAll(descriptor, text)
}

/**
 * Writes into a device, or into a FIFO as soon as it has a reader.
 *
 * @throws NodeJS.ErrnoException
 */
export async function writeToDevice(path: string, isFifo: boolean, text: string): Promise<void> {
  if (isFifo) return writeToPipe(await openFifo(path), text)
  const descriptor = await promisify(open)(path, O_WRONLY)
  try {
    await writeAll(descriptor, text)
  } finally {
    await promisify(close)(descriptor)
  }
}

/** Does not wait inside the system for a reader: that could not be broken off. */
async function openFifo(path: string): Promise<number> {
  for (const end = performance.now() + PATIENCE_MS; ; ) {
    try {
      return await promisify(open)(path, O_WRONLY | O_NONBLOCK)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO' || performance.now() > end) throw error
      await wait(RETRY_MS)
    }
  }
}

function isPipe(stats: Stats): boolean {
  return stats.isFIFO() || stats.isSocket()
}

/** Closes it, too: that tells the reader that this is all. */
async function writeToPipe(descriptor: number, text: string): Promise<void> {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true })
  try {
    await writeToStream(socket, text)
  } finally {
    socket.destroy()
  }
}

function writeToStream(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // It stays where the write fails, as the stream tells of that twice.
    stream.once('error', reject)
    stream.write(text, (error) => {
      if (error) return reject(error)
      stream.off('error', reject)
      resolve()
    })
  })
}

async function writeAll(descriptor: number, text: string): Promise<void> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; )
    at += (await promisify(write)(descriptor, bytes, at, bytes.length - at, null)).bytesWritten
}
