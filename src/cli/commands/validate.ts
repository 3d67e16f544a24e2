import { madeUpOf } from '../../authentik/missing-fields.js'
import { counted } from '../../format/counted.js'
import { visible } from '../../format/visible.js'
import { machineTime } from '../../world/clock.js'
import { readSources } from '../../world/load/files.js'
import { startWorld } from '../../world/start.js'
import type { ServeOptions } from '../options.js'

/**
 * Puts a world together as `serve` would, and returns what can be said of it.
 *
 * @throws FixtureError
 */
export async function validate(paths: string[], options: ServeOptions): Promise<string> {
  const sources = await readSources(paths, process.stdin)
  const { snapshot, warnings, captured, written } = await startWorld({ ...options, sources, begin: machineTime() })
  const count = (section: string, word: string) => {
    const all = snapshot.rows(section).size
    const added = all - (written[section] ?? 0)
    return `${counted(all, word)}${added === 0 ? '' : ` (${added} added by the mock)`}`
  }
  const all = [...warnings, ...madeUpOf(captured, options.release)]
  const summary = `fine: ${count('refresh_tokens', 'refresh token')}, ${count('users', 'user')}, ${count('providers', 'provider')}`
  return `${[...all.map((warning) => `warning: ${visible(warning)}`), summary].join('\n')}\n`
}
