import { inspect } from 'node:util'
import { visible } from '../format/visible.js'
import { CODE_OF_ERROR } from './exit-codes.js'

/** What the process says of an error, and how it ends after it. */
export interface Failure {
  text: string
  exitCode: number
}

/** What was right when it was asked for could not be written in the end. */
export class OutputError extends Error {
  override name = 'OutputError'
}

/** The report has what it must not have. */
export class FindingsError extends Error {
  override name = 'FindingsError'
}

export function standardOutputFailed(cause: NodeJS.ErrnoException): OutputError {
  return new OutputError(`standard output cannot be written: ${OUTPUT_REASONS[cause.code ?? ''] ?? cause.message}`)
}

const OUTPUT_REASONS: Record<string, string> = {
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'no space is left on the device',
  EFBIG: 'the file would become too large',
  EPIPE: 'its reader has closed it',
  EBADF: 'it is not open for writing',
}

const REASONS: Record<string, string> = {
  EMFILE: 'too many files are open; raise the limit (ulimit -n)',
}

const MAX_LENGTH = 500

/**
 * One line for each thing that is wrong. An error that nobody planned for is one line too, with a request to report it.
 *
 * @param isDebugging whether the stack of such an error is shown
 */
export function failureOf(error: unknown, isDebugging: boolean): Failure {
  if (error instanceof Error) {
    const { name, message, code = '', syscall } = error as NodeJS.ErrnoException
    const exitCode = CODE_OF_ERROR[name]
    if (name === 'FixtureError') {
      // Of an option, no file says who speaks.
      const who = message.startsWith('--') ? 'authentik-mock: ' : ''
      return { text: who + message, exitCode: exitCode ?? 1 }
    }
    const reason = REASONS[code]
    if (exitCode !== undefined || syscall !== undefined)
      return {
        text: `authentik-mock: ${short(visible(message.trim()))}${reason ? `: ${reason}` : ''}`,
        exitCode: exitCode ?? 1,
      }
  }
  const what = line(error instanceof Error ? `${error.name}: ${error.message}` : inspect(error))
  const hint = isDebugging ? '' : ' (--log-level debug shows where it happened)'
  const stack = isDebugging && error instanceof Error ? `\n${error.stack}` : ''
  return {
    text: `authentik-mock: unexpected error: ${what}. Please report this as a bug in authentik-mock${hint}${stack}`,
    exitCode: 1,
  }
}

function line(text: string): string {
  return short(visible(text.trim().replace(/[\r\n]\s*/g, ' ')))
}

function short(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)} …` : text
}
