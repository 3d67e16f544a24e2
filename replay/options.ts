import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readKnown } from './known.js'
import { ReplayError } from './recording.js'
import type { ReplayOptions } from './replay.js'

const USAGE =
  'npm run replay -- --recorded FILE --world FILE [--release R] [--only REGEX] [--url URL] [--differences FILE]'

/** Differences that are there on purpose. */
export const DIFFERENCES = join(import.meta.dirname, '..', 'test', 'conformance', 'oauth2', 'differences.json')

/** @throws ReplayError */
export function readOptions(args: string[]): ReplayOptions {
  const { recorded, world, only, differences, ...rest } = parsed(args)
  if (recorded === undefined || world === undefined)
    throw new ReplayError(`--${recorded === undefined ? 'recorded' : 'world'} is missing\nusage: ${USAGE}`)
  return { recorded, world, ...rest, only: patternOf(only), known: readKnown(differences) }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        recorded: { type: 'string' },
        world: { type: 'string' },
        release: { type: 'string' },
        only: { type: 'string' },
        url: { type: 'string' },
        differences: { type: 'string', default: DIFFERENCES },
      },
    }).values
  } catch (error) {
    throw new ReplayError(`${(error as Error).message}\nusage: ${USAGE}`)
  }
}

function patternOf(only: string | undefined): RegExp | undefined {
  try {
    return only === undefined ? undefined : new RegExp(only)
  } catch (error) {
    throw new ReplayError(`--only: ${(error as Error).message}; allowed: a regular expression over names of steps`)
  }
}
