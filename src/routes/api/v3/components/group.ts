import * as Type from 'typebox'
import type { Release } from '../../../../authentik/releases.js'
import { anything, orNull, pickFields, uuid } from '../../../../authentik/wire-types.js'
import { numPkOf } from '../../../../world/computed-fields.js'
import { jsonbText } from '../../../../world/json.js'
import type { Group } from '../../../../world/kinds/groups.js'
import { readOnly, type Some, unpromised } from './field-options.js'
import { JsonText, objectText, type Projection, type Values } from './projection.js'

/** A group as it stands in a user. */

export const groupFields = {
  pk: uuid({ title: 'Group uuid', ...readOnly }),
  num_pk: Type.Integer({ minimum: 0, maximum: 99999, ...readOnly }),
  name: Type.String(),
  is_superuser: Type.Boolean(unpromised),
  parent: orNull(uuid(unpromised)),
  parent_name: orNull(Type.String(readOnly)),
  attributes: anything(unpromised),
}

export type GroupBody = Some<Type.Static<Type.TObject<typeof groupFields>>, 'parent' | 'parent_name'>

export const groupValues: Values<typeof groupFields, Group> = {
  pk: (group) => group.pk,
  num_pk: (group) => group.num_pk ?? numPkOf(group.pk),
  name: (group) => group.name,
  is_superuser: (group) => group.is_superuser,
  parent: (group) => group.parents[0] ?? null,
  parent_name: (group, { database }) => database.groups.get(group.parents[0] ?? '')?.name ?? group.parent_name ?? null,
  attributes: (group) => new JsonText(jsonbText(group.attributes)),
}

export function groupText(group: Group, projection: Projection): string {
  return objectText(projection.release.groupKeys, groupValues, group, projection)
}

export function groupSchema({ groupKeys, document }: Release): Type.TSchema {
  return pickFields(groupFields, groupKeys, document.groupComponent)
}
