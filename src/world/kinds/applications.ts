import * as Type from 'typebox'
import { GROUP_NAMED } from './groups.js'
import type { Kind } from './kind.js'
import { key, object, orNull, reference, text, uuid } from './shared/grammar.js'

/** An application, which makes a provider known to people. A provider has at most one. */
export interface Application {
  pk: string
  slug: string
  name: string
  provider: number | null
  /** Whose members the policy of the application lets pass; none: everybody. */
  allowed_groups: string[]
}

export const allowedGroups = () => Type.Array(text(GROUP_NAMED), { description: 'a list of group UUIDs or names' })

export const ApplicationSeed = object(
  {
    pk: uuid(),
    slug: text(),
    name: text(),
    provider: orNull(reference(key(), 'provider name', text())),
    allowed_groups: allowedGroups(),
  },
  'an application',
)
export type ApplicationSeed = Type.Static<typeof ApplicationSeed>

export const applications: Kind<string, Application, typeof ApplicationSeed> = {
  word: 'application',
  seed: ApplicationSeed,
  key: 'pk',
  keys: 'drawn',
  form: 'list',
  natural: 'slug',
  unique: ['provider'],
  references: {
    provider: { kind: 'providers', onDelete: 'set null' },
    allowed_groups: { kind: 'groups', many: true, onDelete: 'remove' },
  },
  columns: { pk: (row) => row.pk, slug: (row) => row.slug, name: (row) => row.name, provider: (row) => row.provider },
  complete(given, pk, _, before) {
    const { slug = `app-${pk.slice(0, 8)}`, name = slug } = given as Partial<Application>
    return { ...(before ?? { pk, slug, name, provider: null, allowed_groups: [] }), ...given } as Application
  },
  seedOf: (application) => ({ ...application }),
}
