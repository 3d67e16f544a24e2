import { closeSync, openSync } from 'node:fs'
import { devNull } from 'node:os'

/** Connections take file descriptors, and so does reading a file: some are kept free for files. */
export const RESERVED_DESCRIPTORS = 16

/** Whether an error says that no file descriptor is left, in the process or on the machine. */
export function isOutOfDescriptors(error: unknown): boolean {
  const { code } = (error ?? {}) as NodeJS.ErrnoException
  return code === 'EMFILE' || code === 'ENFILE'
}

/** Makes something at its first use, once. If that fails, the next use tries again. */
export function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let making: Promise<T> | undefined
  return () => {
    making ??= make().catch((error) => {
      making = undefined
      throw error
    })
    return making
  }
}

/**
 * The same for code that is imported. Node 20 remembers for ever that it could not open the file of a module: so an
 * import begins only while there are descriptors for all the files that it opens at once.
 */
export function lazyImport<T>(load: () => Promise<T>): () => Promise<T> {
  return lazy(async () => {
    takeAndReturnReserve()
    return load()
  })
}

/** @throws NodeJS.ErrnoException if fewer descriptors are free than are reserved */
function takeAndReturnReserve(): void {
  const taken: number[] = []
  try {
    while (taken.length < RESERVED_DESCRIPTORS) taken.push(openSync(devNull, 'r'))
  } catch (error) {
    if (isOutOfDescriptors(error)) throw error
  } finally {
    for (const descriptor of taken) closeSync(descriptor)
  }
}
