import * as Type from 'typebox'
import type { RequestContext } from '../../../../../authentik/context.js'
import type { Update } from '../../../../../authentik/resource.js'
import { booleanField, textField, writableOf } from '../../../../../authentik/written-fields.js'
import { endedByDeactivation } from '../../../../../oauth2/lifecycle.js'
import type { RowChange } from '../../../../../world/change.js'
import { formatInstant } from '../../../../../world/instant.js'
import type { User } from '../../../../../world/kinds/users.js'
import { userFields } from '../../components/user.js'

/** What authentik does when a user is saved who is not active, it does whatever else was changed. */
export const userUpdate: Update = {
  fields: { name: textField, is_active: booleanField },
  writable: ({ userKeys }) => writableOf(userFields, userKeys),
  refuse: ({ type }: User) =>
    type === 'internal_service_account' ? "Can't modify internal service account users" : undefined,
  changes(user: User, fields, { database, release }: RequestContext): RowChange[] {
    const row = { ...user, ...fields, last_updated: formatInstant(database.clock.now()) } as User
    const ended = row.is_active ? [] : endedByDeactivation(database, user.pk, release)
    return [{ type: 'put', section: 'users', row }, ...ended]
  },
  schema: Type.Object(
    { name: Type.Optional(Type.String()), is_active: Type.Optional(Type.Boolean({ title: 'Active' })) },
    { additionalProperties: false, openapi: { component: 'PatchedUserRequest' } },
  ),
}
