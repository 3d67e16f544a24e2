import { readOptions } from './options.js'
import { ReplayError } from './recording.js'
import { replay } from './replay.js'

/**
 * The process of `npm run replay`: sends a recording of a real authentik to the mock, and prints what it answers
 * otherwise, a line each. Exit codes: 0 where nothing fails; 1 where something does; 2 for wrong options or files.
 */

try {
  const { passed, failed, listed, sent, lines } = await replay(readOptions(process.argv.slice(2)))
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
