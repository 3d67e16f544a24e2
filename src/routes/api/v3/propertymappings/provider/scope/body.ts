import * as Type from 'typebox'
import { orNull } from '../../../../../../authentik/wire-types.js'
import type { ScopeMapping } from './mappings.js'

export const ScopeMappingBody = Type.Object(
  {
    pk: Type.String({ format: 'uuid' }),
    managed: orNull(Type.String()),
    name: Type.String(),
    expression: Type.String(),
    component: Type.String(),
    verbose_name: Type.String(),
    verbose_name_plural: Type.String(),
    meta_model_name: Type.String(),
    scope_name: Type.String(),
    description: Type.String(),
  },
  { additionalProperties: false, openapi: { component: 'ScopeMapping' } },
)

export function textOf({ pk, managed, name, scope_name, description }: ScopeMapping): string {
  return JSON.stringify({
    pk,
    managed,
    name,
    expression: `# What authentik computes for ${scope_name} is part of this mock, its code is not.\nreturn {}`,
    component: 'ak-property-mapping-provider-scope-form',
    verbose_name: 'Scope Mapping',
    verbose_name_plural: 'Scope Mappings',
    meta_model_name: 'authentik_providers_oauth2.scopemapping',
    scope_name,
    description,
  })
}
