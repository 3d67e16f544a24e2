import { prepareStub } from '../stubs/prepare.js'
import type { StubSeed } from '../stubs/seed.js'
import { stubBytes, tooManyStubs } from '../stubs/too-many-stubs.js'
import type { Checks } from './collect.js'
import type { Mistake } from './mistakes.js'
import type { FixtureSource } from './source.js'

/** The stubs of fixtures, in the order given. Files that they name are read. */

/** Stubs with a mistake in their form are left out; whoever checks the source as a whole tells of it. */
export async function stubsOf(
  sources: FixtureSource[],
  checks: Checks,
): Promise<{ stubs: StubSeed[]; mistakes: Mistake[] }> {
  const stubs: StubSeed[] = []
  const mistakes: Mistake[] = []
  let bytes = 0
  for (const { file, json, folder } of sources) {
    const { stubs: seeds } = (json ?? {}) as { stubs?: StubSeed[] }
    if (!Array.isArray(seeds)) continue
    const findings = checks.stubs(seeds, { file, path: 'stubs' })
    const broken = new Set(findings.map(({ path }) => /^stubs(?:\[\d+\])?/.exec(path)?.[0]))
    for (const [i, seed] of seeds.entries()) {
      const at = { file, path: `stubs[${i}]` }
      if (broken.has('stubs') || broken.has(at.path)) continue
      const stub = await prepareStub(seed, at, folder, (mistake) => mistakes.push(mistake))
      bytes += stubBytes(stub)
      const tooMany = tooManyStubs(stubs.push(stub), bytes)
      if (tooMany === undefined) continue
      mistakes.push({ file, path: 'stubs', ...tooMany })
      return { stubs, mistakes }
    }
  }
  return { stubs, mistakes }
}
