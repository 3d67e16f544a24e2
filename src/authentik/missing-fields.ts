import type { Given } from '../world/kinds/kind.js'
import { FIXED } from '../world/kinds/providers.js'
import type { Release } from './releases.js'

/** The rows that stand in the body of a refresh token. */
interface Shown {
  keys: (release: Release) => string[]
  plural: string
  /** Keys that follow from others. */
  computed: string[]
  /** Keys that are said by other fields of a seed. */
  saidBy: Record<string, string[]>
}

const SHOWN: Record<string, Shown> = {
  providers: {
    keys: ({ providerKeys }) => providerKeys,
    plural: 'providers',
    computed: Object.keys(FIXED),
    saidBy: {
      assigned_application_slug: ['application'],
      assigned_application_name: ['application'],
      jwks_sources: ['jwt_federation_sources'],
    },
  },
  users: {
    keys: ({ userKeys }) => userKeys,
    plural: 'users',
    computed: ['is_superuser', 'uid', 'avatar'],
    saidBy: { groups_obj: ['groups'], roles_obj: ['roles'] },
  },
  groups: {
    keys: ({ groupKeys }) => groupKeys,
    plural: 'groups',
    computed: ['num_pk', 'parent_name'],
    saidBy: { parent: ['parent', 'parents'] },
  },
}

/**
 * What a release shows of captured rows that they do not say, as they came from a release that does not show it: a
 * sentence for all fields that so many rows of a kind lack.
 *
 * @param captured seeds of captured rows, by section
 */
export function madeUpOf(captured: Record<string, Given[]>, release: Release): string[] {
  return Object.entries(SHOWN).flatMap(([section, { keys, plural, computed, saidBy }]) => {
    const seeds = captured[section] ?? []
    if (seeds.length === 0) return []
    const lacking = new Map<number, string[]>()
    for (const key of keys(release).filter((key) => !computed.includes(key))) {
      const fields = saidBy[key] ?? [key]
      const count = seeds.filter((seed) => fields.every((field) => seed[field] === undefined)).length
      if (count > 0) lacking.set(count, [...(lacking.get(count) ?? []), key])
    }
    return Array.from(
      lacking,
      ([count, names]) =>
        `${count} of ${seeds.length} captured ${plural} came without ${names.join(', ')}, which ${release.name} shows: the mock made that up`,
    )
  })
}
