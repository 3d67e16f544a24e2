import * as Type from 'typebox'
import type { Release } from '../../../../authentik/releases.js'
import { anything, moment, oneOf, orNull, pickFields, pk, uuid } from '../../../../authentik/wire-types.js'
import { avatarOf, isSuperuser, uidOf } from '../../../../world/computed-fields.js'
import { jsonbText } from '../../../../world/json.js'
import type { Group } from '../../../../world/kinds/groups.js'
import { USER_TYPES, type User } from '../../../../world/kinds/users.js'
import { readOnly, type Some, unpromised } from './field-options.js'
import { type GroupBody, groupFields, groupSchema, groupText } from './group.js'
import { JsonText, objectText, type Projection, type Values } from './projection.js'

/** A user as it stands in other rows. */

const roleFields = { pk: uuid({ title: 'Uuid', ...readOnly }), name: Type.String() }
export const Role = Type.Object(roleFields, { additionalProperties: false, openapi: { component: 'Role' } })

export const userFields = {
  pk: pk({ title: 'ID', ...readOnly }),
  username: Type.String({ maxLength: 150 }),
  name: Type.String(),
  is_active: Type.Boolean({ title: 'Active', ...unpromised }),
  last_login: orNull(moment(unpromised)),
  date_joined: moment(readOnly),
  is_superuser: Type.Boolean(readOnly),
  groups: Type.Array(uuid(), unpromised),
  groups_obj: orNull(Type.Array(Type.Object(groupFields), readOnly)),
  roles: Type.Array(uuid(), unpromised),
  roles_obj: orNull(Type.Array(Role, readOnly)),
  email: Type.String({ title: 'Email address', maxLength: 254, openapi: { format: 'email', required: false } }),
  avatar: Type.String(readOnly),
  attributes: anything(unpromised),
  uid: Type.String(readOnly),
  path: Type.String(unpromised),
  type: oneOf('UserTypeEnum', USER_TYPES, unpromised),
  uuid: uuid(readOnly),
  password_change_date: moment(readOnly),
  last_updated: moment(readOnly),
}

type Later = 'date_joined' | 'roles' | 'roles_obj' | 'password_change_date' | 'last_updated'

export type UserBody = Omit<Some<Type.Static<Type.TObject<typeof userFields>>, Later>, 'groups_obj'> & {
  groups_obj: GroupBody[] | null
}

export const userValues: Values<typeof userFields, User> = {
  pk: (user) => user.pk,
  username: (user) => user.username,
  name: (user) => user.name,
  is_active: (user) => user.is_active,
  last_login: (user) => user.last_login,
  date_joined: (user) => user.date_joined,
  is_superuser: (user, { database }) => isSuperuser(user, database.groups),
  groups: (user, projection) => knownGroups(user, projection).map((group) => group.pk),
  groups_obj: (user, projection) => (projection.groups ? new JsonText(groupsText(user, projection)) : null),
  roles: (user) => user.roles.map((role) => role.pk),
  roles_obj: (user, { roles }) => (roles ? user.roles.map(({ pk, name }) => ({ pk, name })) : null),
  email: (user) => user.email,
  avatar: (user) => user.avatar ?? avatarOf(user.name, user.username),
  attributes: (user) => new JsonText(jsonbText(user.attributes)),
  uid: (user, { database }) => user.uid ?? uidOf(user.pk, database.snapshot.installId),
  path: (user) => user.path,
  type: (user) => user.type,
  uuid: (user) => user.uuid,
  password_change_date: (user) => user.password_change_date,
  last_updated: (user) => user.last_updated,
}

export function userText(user: User, projection: Projection): string {
  return objectText(projection.release.userKeys, userValues, user, projection)
}

export function userSchema(release: Release): Type.TSchema {
  const groups_obj = orNull(Type.Array(groupSchema(release), readOnly))
  const role = pickFields(
    { ...roleFields, name: Type.String(release.document.roleName) },
    Object.keys(roleFields),
    'Role',
  )
  const roles_obj = orNull(Type.Array(role, readOnly))
  return pickFields({ ...userFields, groups_obj, roles_obj }, release.userKeys, 'User')
}

function groupsText(user: User, projection: Projection): string {
  return `[${knownGroups(user, projection)
    .map((group) => groupText(group, projection))
    .join(',')}]`
}

function knownGroups(user: User, { database }: Projection): Group[] {
  return user.groups.flatMap((pk) => database.groups.get(pk) ?? [])
}
