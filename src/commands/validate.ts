import type { ServeOptions } from '../options.js'
import { visible } from '../visible.js'
import { machineTime } from '../world/clock.js'
import { readDocuments } from '../world/fixtures/files.js'
import { startWorld } from '../world/start.js'

/**
 * Puts a world together as `serve` would, and returns what can be said of it.
 *
 * @throws FixtureError
 */
export async function validate(paths: string[], options: ServeOptions): Promise<string> {
  const documents = await readDocuments(paths)
  const { baseline, warnings } = await startWorld({ ...options, documents, begin: machineTime() })
  const { users, providers, refreshTokens } = baseline
  const summary = `fine: ${refreshTokens.size} refresh tokens, ${users.size} users, ${providers.size} providers`
  return `${[...warnings.map((warning) => `warning: ${visible(warning)}`), summary].join('\n')}\n`
}
