import { pino } from 'pino'

/** Standard output, as the log is written to it: never waited for, and never the end of the process. */
export interface LogOutput {
  write(line: string): void
  /** Waits until all lines so far are written, or half a second: somebody may have stopped reading. */
  drain(): Promise<void>
  /** The same, and writes nothing from then on. */
  end(): Promise<void>
}

const MAX_WAITING_BYTES = 16 * 1024 * 1024
const WAIT_MS = 500

/**
 * @param format what is made of each line
 * @param onError is told once why nothing more can be written
 */
export function openLogOutput(format: (line: string) => string, onError: (error: Error) => void): LogOutput {
  const output = pino.destination({ dest: 1, sync: false, maxLength: MAX_WAITING_BYTES })
  const waiting = new Set<() => void>()
  let isWritten = true
  let isOpen = true

  output.on('drain', settle)
  output.on('error', (error) => {
    if (!isOpen) return
    close()
    onError(error)
  })

  function settle(): void {
    isWritten = true
    for (const resolve of waiting) resolve()
    waiting.clear()
  }

  /** An output that is left open would be written once more at the exit, and wait there for ever. */
  function close(): void {
    isOpen = false
    output.destroy()
    settle()
  }

  async function drain(): Promise<void> {
    if (isWritten) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, WAIT_MS)
      waiting.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  return {
    write(line) {
      if (!isOpen) return
      isWritten = false
      output.write(format(line))
    },
    drain,
    async end() {
      await drain()
      close()
    },
  }
}
