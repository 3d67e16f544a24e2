import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { readKnown } from './known.js'
import { ReplayError } from './recording.js'
import { replay } from './replay.js'

/**
 * The process of `npm run replay`: sends a recording of a real authentik to the mock, and prints what it answers
 * otherwise, a line each. Exit codes: 0 where nothing fails; 1 where something does; 2 for wrong options or files.
 */

const USAGE =
  'npm run replay -- --recorded FILE --world FILE [--release R] [--only REGEX] [--url URL] [--differences FILE]'
const DIFFERENCES = join(import.meta.dirname, '..', 'test', 'conformance', 'oauth2', 'differences.json')

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        recorded: { type: 'string' },
        world: { type: 'string' },
        release: { type: 'string' },
        only: { type: 'string' },
        url: { type: 'string' },
        differences: { type: 'string', default: DIFFERENCES },
      },
    })
    const { recorded, world, only, differences, ...rest } = values
    if (recorded === undefined || world === undefined)
      throw new Error(`--${recorded === undefined ? 'recorded' : 'world'} is missing`)
    return {
      recorded,
      world,
      ...rest,
      only: only === undefined ? undefined : new RegExp(only),
      known: readKnown(differences),
    }
  } catch (error) {
    throw new ReplayError(`${(error as Error).message}\nusage: ${USAGE}`)
  }
}

try {
  const { passed, failed, listed, sent, lines } = await replay(readOptions())
  for (const line of lines) console.log(line)
  if (listed > 0) console.log(`${listed} differ as listed`)
  if (sent > 0) console.log(`${sent} sent and not judged: withheld, or left out by --only`)
  console.log(`${passed} passed, ${failed} failed`)
  process.exitCode = failed > 0 ? 1 : 0
} catch (error) {
  if (!(error instanceof ReplayError)) throw error
  console.error(`replay: ${error.message}`)
  process.exitCode = 2
}
