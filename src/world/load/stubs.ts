import { prepareStub } from '../stubs/prepare.js'
import type { StubSeed } from '../stubs/seed.js'
import type { Checks } from './collect.js'
import type { Mistake } from './mistakes.js'
import type { FixtureSource } from './source.js'

/** The stubs of fixtures, in the order given. Files that they name are read. */

const MAX_STUBS = 1000

/** @param checks stubs of a source with other mistakes are left out */
export async function stubsOf(
  sources: FixtureSource[],
  checks: Checks,
): Promise<{ stubs: StubSeed[]; mistakes: Mistake[] }> {
  const stubs: StubSeed[] = []
  const mistakes: Mistake[] = []
  for (const { file, json, folder } of sources) {
    const { stubs: seeds } = (json ?? {}) as { stubs?: StubSeed[] }
    if (!Array.isArray(seeds) || checks.seeds(json, { file, path: '' }).length > 0) continue
    for (const [i, seed] of seeds.entries())
      stubs.push(await prepareStub(seed, { file, path: `stubs[${i}]` }, folder, (mistake) => mistakes.push(mistake)))
    if (stubs.length > MAX_STUBS)
      mistakes.push({ file, path: 'stubs', found: `${stubs.length} stubs`, allowed: `at most ${MAX_STUBS}` })
  }
  return { stubs, mistakes }
}
