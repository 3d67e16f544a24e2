import { type Arrays, createArrays } from './arrays.js'
import { createGenerator } from './generate/generator.js'
import { loadPeople } from './generate/people.js'
import type { Micros } from './instant.js'
import { KINDS, type Kinds } from './kinds/registry.js'
import { nothingExists } from './load/existing.js'
import { type Loaded, loadSources } from './load/load.js'
import type { FixtureSource } from './load/source.js'
import { uuid } from './random.js'
import { createSnapshot, type Entities, type Snapshot } from './snapshot.js'

export interface StartSettings {
  sources: FixtureSource[]
  /** How many refresh tokens to generate beside those of the fixtures. */
  generate: number
  seed: number
  /** The key of the superuser that every world has. */
  token: string
  installId?: string | undefined
  baseUrl?: string | undefined
  /** What authentik is served below, with a slash at both ends; by default `/`. */
  webPath?: string
  /** Relative times in the fixtures count from here. */
  begin: Micros
  /** By default those of the registry. */
  kinds?: Kinds
  /** Where long arrays are kept; by default where 64 MiB of them are, for this world alone. */
  arrays?: Arrays
}

export interface Start extends Pick<Loaded, 'captured' | 'written'> {
  snapshot: Snapshot
  /** Sentences about what is odd in the fixtures, but not wrong. */
  warnings: string[]
}

const DEFAULT_ARRAYS_BYTES = 64 * 1024 * 1024
const DEFAULT_BASE_URL = 'http://localhost:9000'

/**
 * Puts a world together as it begins.
 *
 * @throws FixtureError with every mistake in the fixtures
 */
export async function startWorld(settings: StartSettings): Promise<Start> {
  const {
    sources,
    generate,
    seed,
    token,
    begin,
    webPath = '/',
    kinds = KINDS,
    arrays = createArrays(DEFAULT_ARRAYS_BYTES),
  } = settings
  const {
    entities: described,
    warnings,
    captured,
    written,
    ...place
  } = await loadSources(sources, {
    kinds,
    existing: nothingExists(kinds),
    seed,
    now: begin,
    defaults: { installId: uuid(seed, 'install_id', 0), baseUrl: DEFAULT_BASE_URL + webPath.slice(0, -1) },
    overrides: settings,
    superuserKey: token,
  })
  const said = { warnings, captured, written }
  const sections = Object.keys(kinds).map((section) => [section, described[section] ?? new Map()])
  const entities: Entities = Object.fromEntries(sections)
  if (generate === 0) return { snapshot: createSnapshot({ ...place, begin, seed }, kinds, entities, arrays), ...said }
  const taken = (section: string) => entities[section]?.keys() ?? []
  const generator = createGenerator({ seed, count: generate, taken, place, people: await loadPeople(seed) })
  for (const group of generator.groups) entities.groups.set(group.pk, group)
  return { snapshot: createSnapshot({ ...place, begin, seed }, kinds, entities, arrays, generator), ...said }
}
