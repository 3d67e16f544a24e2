import { parseArgs } from 'node:util'
import { UsageError } from '../../src/cli/usage-error.js'
import { PROGRAMS } from './programs.js'

/** A client to be tried at a release. */
export interface Selection {
  client: string
  release: string
}

/** Those whose OAuth2 endpoints were recorded. */
const RELEASES = ['2025.2.4', '2025.12.4']
const CLIENTS = Object.keys(PROGRAMS)
export const ALL: Selection[] = CLIENTS.flatMap((client) => RELEASES.map((release) => ({ client, release })))

/**
 * Reads the options of `npm run clients:oauth2`: every client, or the one that `--only` names.
 *
 * @throws UsageError
 */
export function readSelection(args: string[]): Selection[] {
  const only = readOnly(args)
  if (only !== undefined && !CLIENTS.includes(only))
    throw new UsageError(`--only: found ${JSON.stringify(only)}; allowed: ${CLIENTS.join(', ')}`)
  return ALL.filter(({ client }) => only === undefined || client === only)
}

function readOnly(args: string[]): string | undefined {
  try {
    return parseArgs({ args, options: { only: { type: 'string' } } }).values.only
  } catch (error) {
    const [first] = (error as Error).message.split('. ')
    throw new UsageError(`${first}; allowed: --only ${CLIENTS.join('|')}`)
  }
}
