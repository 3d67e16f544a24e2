import * as Type from 'typebox'
import type { RequestContext } from '../../../../../authentik/context.js'
import { anyRow, byInteger, exactText, flag } from '../../../../../authentik/filters.js'
import type { Release } from '../../../../../authentik/releases.js'
import { resourceViews } from '../../../../../authentik/resource/views.js'
import type { Included, Resource, UsedBy } from '../../../../../authentik/resource.js'
import {
  anything,
  listParameters,
  listSchema,
  moment,
  orNull,
  pickFields,
  usedBySchema,
} from '../../../../../authentik/wire-types.js'
import type { Database } from '../../../../../world/database.js'
import type { Group } from '../../../../../world/kinds/groups.js'
import { untilChanged } from '../../../../../world/until-changed.js'
import { attributesFilter } from '../../components/attributes-filter.js'
import { groupFields, groupValues } from '../../components/group.js'
import { membersOf, prepareMembers } from '../../components/members.js'
import { JsonPieces, JsonText, objectPieces, objectText, type Projection } from '../../components/projection.js'
import { Role, userValues } from '../../components/user.js'

/** What a group shows of its members. */
const MEMBER_KEYS = ['pk', 'username', 'name', 'is_active', 'last_login', 'email', 'attributes', 'uid']

const values = {
  ...groupValues,
  users: (group: Group, { database }: Projection) => membersOf(group, database),
  users_obj: (group: Group, projection: Projection) =>
    isAsked('users', projection) ? new JsonPieces(memberTexts(group, projection)) : null,
  roles: () => [],
  roles_obj: () => [],
  inherited_roles_obj: (_: Group, projection: Projection) => (isAsked('inherited_roles', projection) ? [] : null),
  parents: (group: Group) => group.parents,
  parents_obj: (group: Group, projection: Projection) =>
    isAsked('parents', projection) ? relatedTo(group.parents, projection) : null,
  children: (group: Group, { database }: Projection) => childrenOf(database).get(group.pk) ?? [],
  children_obj: (group: Group, projection: Projection) =>
    isAsked('children', projection) ? relatedTo(childrenOf(projection.database).get(group.pk) ?? [], projection) : null,
}

const fields = {
  ...groupFields,
  users: Type.Array(Type.Integer()),
  users_obj: orNull(
    Type.Array(
      Type.Object({
        pk: Type.Integer(),
        username: Type.String(),
        name: Type.String(),
        is_active: Type.Boolean(),
        last_login: orNull(moment()),
        email: Type.String(),
        attributes: anything(),
        uid: Type.String(),
      }),
    ),
  ),
  roles: Type.Array(Type.String()),
  roles_obj: Type.Array(Role),
  inherited_roles_obj: orNull(Type.Array(Role)),
  parents: Type.Array(Type.String({ format: 'uuid' })),
  children: Type.Array(Type.String({ format: 'uuid' })),
}

/** /api/v3/core/groups/: read only. */
export const groups: Resource = {
  section: 'groups',
  undocumented: true,
  url: '/api/v3/core/groups/',
  operations: 'core_groups',
  routes: { list: 'group_list', detail: 'group_detail', usedBy: 'group_used_by' },
  titles: { list: 'Group List', detail: 'Group Instance' },
  description: 'Group Viewset',
  model: { permission: 'group', name: 'Group' },
  allow: { list: 'GET, POST, HEAD, OPTIONS', detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS' },
  lookup: { parameter: 'group_uuid', field: 'pk', form: 'uuid' },
  isDeletable: false,
  filters: {
    name: exactText,
    is_superuser: flag((row) => row['is_superuser'] === true),
    attributes: attributesFilter,
    members_by_username: anyRow(
      ({ database }, name) => database.users.find('username', name),
      ({ pk }, { groups }) => groups.includes(pk as string),
    ),
    members_by_pk: anyRow(
      byInteger(({ database }, pk) => database.users.get(pk)),
      ({ pk }, { groups }) => groups.includes(pk as string),
    ),
  },
  search: ({ name, is_superuser }: Group) => [name, String(is_superuser)],
  ordering: { terms: ['pk', 'name', 'is_superuser'], byDefault: [{ by: 'name', descending: false }] },
  joins: ['groups', 'users'],
  text: (group: Group, ctx, included) => [...piecesOf(group, ctx, included)].join(''),
  pieces: {
    prepare: ({ database }) => prepareMembers(database),
    count: (group: Group, { database }) => membersOf(group, database).length,
    of: piecesOf,
  },
  usedBy: usersOfGroup,
  includes: { users: true, children: false, parents: false, inherited_roles: false },
  querystring: listParameters({
    attributes: Type.String(),
    include_children: Type.Boolean(),
    include_inherited_roles: Type.Boolean(),
    include_parents: Type.Boolean(),
    include_users: Type.Boolean(),
    is_superuser: Type.Boolean(),
    members_by_pk: Type.Array(Type.Integer()),
    members_by_username: Type.Array(Type.String()),
    name: Type.String(),
  }),
  schemas(release) {
    const related = orNull(Type.Array(relatedSchema(release)))
    const all = { ...fields, parents_obj: related, children_obj: related }
    const one = pickFields(all, release.neighbourKeys.group, 'Group')
    return { one, list: listSchema(release, one, 'PaginatedGroupList'), usedBy: usedBySchema(release) }
  },
}

export const groupViews = resourceViews(groups)

function piecesOf(group: Group, { database, release }: RequestContext, included: Included): Iterable<string> {
  return objectPieces(release.neighbourKeys.group, values, group, { database, release, ...included })
}

function isAsked(what: string, { also = [] }: Projection): boolean {
  return also.includes(what)
}

/** A group as it stands in those above and below it. */
const relatedValues = {
  pk: groupValues.pk,
  name: groupValues.name,
  is_superuser: groupValues.is_superuser,
  attributes: groupValues.attributes,
  group_uuid: groupValues.pk,
}

function relatedTo(keys: string[], projection: Projection): JsonText {
  const known = keys.flatMap((pk) => projection.database.groups.get(pk) ?? [])
  const texts = known.map((group) => objectText(Object.keys(relatedValues), relatedValues, group, projection))
  return new JsonText(`[${texts.join(',')}]`)
}

function relatedSchema({ neighbourKeys }: Release): Type.TSchema {
  const { pk, name, is_superuser, attributes } = groupFields
  const component = neighbourKeys.group.includes('parents_obj') ? 'RelatedGroup' : 'GroupChild'
  const shown = { pk, name, is_superuser, attributes, group_uuid: pk }
  return Type.Object(shown, { additionalProperties: false, openapi: { component } })
}

function* memberTexts(group: Group, projection: Projection): Generator<string> {
  let before = ''
  yield '['
  for (const pk of membersOf(group, projection.database)) {
    const user = projection.database.users.get(pk)
    if (user === undefined) continue
    yield before + objectText(MEMBER_KEYS, userValues, user, projection)
    before = ','
  }
  yield ']'
}

/** The groups below each, by name. */
/** What refers to a group: the groups below it, as far as a release gives a group one parent, and its members. */
function usersOfGroup(group: Group, { database, release }: RequestContext): UsedBy[] {
  const children = release.groupParents === 'several' ? [] : (childrenOf(database).get(group.pk) ?? [])
  return [
    ...children.map((pk): UsedBy => {
      const name = `Group ${database.groups.get(pk)?.name}`
      return { app: 'authentik_core', model_name: 'group', pk, name, action: 'set_null' }
    }),
    ...membersOf(group, database).map((pk): UsedBy => {
      const name = database.users.get(pk)?.username ?? ''
      return { app: 'authentik_core', model_name: 'user', pk: String(pk), name, action: 'cascade_many' }
    }),
  ]
}

const childrenOf = untilChanged((database: Database): Map<string, string[]> => {
  const below = new Map<string, string[]>()
  for (const key of database.select('groups', { order: [{ by: 'name', descending: false }], where: [] }))
    for (const parent of database.groups.get(String(key))?.parents ?? []) {
      const known = below.get(parent)
      if (known === undefined) below.set(parent, [String(key)])
      else known.push(String(key))
    }
  return below
})
