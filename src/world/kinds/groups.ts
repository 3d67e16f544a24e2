import * as Type from 'typebox'
import { numPkOf } from '../computed-fields.js'
import type { Attributes } from '../json.js'
import { jsonbText } from '../json.js'
import type { Given, Kind } from './kind.js'
import { attributes, flag, object, orNull, text, uuid } from './shared/grammar.js'

export interface Group {
  pk: string
  name: string
  is_superuser: boolean
  /** From 2025.12 a group may have several; up to 2025.10 the first one is shown. */
  parents: string[]
  attributes: Attributes
  /** Set only where a captured body says something else than what is computed. */
  num_pk?: number
  parent_name?: string | null
}

export const GROUP_NAMED = 'the UUID or the name of a group'

export const GroupSeed = object(
  {
    pk: uuid(),
    name: text(),
    is_superuser: flag(),
    parent: orNull(text(GROUP_NAMED)),
    parents: Type.Array(text(GROUP_NAMED), { description: 'a list of group UUIDs or names' }),
    attributes: attributes(),
    num_pk: Type.Integer({ description: 'an integer' }),
    parent_name: orNull(text()),
  },
  'a group',
)
export type GroupSeed = Type.Static<typeof GroupSeed>

/** A captured body names parents that no body describes. */
const mayDangle = (seed: Given) => seed['parent_name'] !== undefined

export const groups: Kind<string, Group, typeof GroupSeed> = {
  word: 'group',
  seed: GroupSeed,
  key: 'pk',
  keys: 'drawn',
  form: 'list',
  natural: 'name',
  unique: [],
  references: {
    parent: { kind: 'groups', onDelete: 'keep', mayDangle },
    parents: { kind: 'groups', many: true, onDelete: 'remove', mayDangle },
  },
  columns: { pk: (group) => group.pk, name: (group) => group.name },
  unlisted: {
    is_superuser: (group) => Number(group.is_superuser),
    attributes: (group) => jsonbText(group.attributes),
  },
  complete({ parent, ...given }, pk, _, before) {
    const parents = given['parents'] ?? (parent === undefined ? undefined : parent === null ? [] : [parent])
    const fresh = { pk, name: `group ${pk.slice(0, 8)}`, is_superuser: false, parents: [], attributes: {} }
    const group = { ...(before ?? fresh), ...given, ...(parents !== undefined && { parents }) } as Group
    if (group.num_pk === numPkOf(pk)) delete group.num_pk
    return group
  },
  seedOf: (group) => ({ ...group }),
}
