import * as Type from 'typebox'
import { choiceOf, exactField, exactMoment, plainFlag, username } from '../../../../../authentik/filters.js'
import { resourceViews } from '../../../../../authentik/resource/views.js'
import type { Resource } from '../../../../../authentik/resource.js'
import { listParameters, listSchema, moment, orNull, usedBySchema } from '../../../../../authentik/wire-types.js'
import { type ApiToken, INTENTS } from '../../../../../world/kinds/api-tokens.js'
import type { User } from '../../../../../world/kinds/users.js'
import { uuid as drawnUuid } from '../../../../../world/random.js'
import { JsonText, objectText, type Projection } from '../../components/projection.js'
import { userSchema, userText } from '../../components/user.js'
import { viewKeyView } from './view-key.js'

const values = {
  pk: (row: ApiToken, { database }: Projection) => drawnUuid(database.snapshot.seed, `API token ${row.name}`, 0),
  managed: () => null,
  identifier: (row: ApiToken) => row.identifier,
  intent: (row: ApiToken) => row.intent,
  user: (row: ApiToken) => row.user,
  user_obj: (row: ApiToken, projection: Projection) =>
    new JsonText(userText(projection.database.users.get(row.user) as User, projection)),
  description: () => '',
  expires: (row: ApiToken) => row.expires,
  expiring: (row: ApiToken) => row.expires !== null,
}

/** /api/v3/core/tokens/: API tokens and app passwords, without their keys. */
export const tokens: Resource = {
  section: 'tokens',
  undocumented: true,
  url: '/api/v3/core/tokens/',
  operations: 'core_tokens',
  routes: { list: 'token_list', detail: 'token_detail', usedBy: 'token_used_by' },
  titles: { list: 'Token List', detail: 'Token Instance' },
  description: 'Token Viewset',
  model: { permission: 'token', name: 'Token' },
  allow: { list: 'GET, POST, HEAD, OPTIONS', detail: 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS' },
  lookup: { parameter: 'identifier', field: 'identifier' },
  isDeletable: true,
  ownerMayDelete: true,
  crashesWhenAnonymous: true,
  filters: {
    identifier: exactField,
    intent: choiceOf(INTENTS),
    description: exactField,
    managed: exactField,
    user__username: username,
    expires: exactMoment,
    expiring: plainFlag(({ expires }) => expires !== null),
  },
  search: ({ identifier, intent, user }: ApiToken, { database }) => [
    ...[identifier, intent],
    database.users.get(user)?.username ?? '',
  ],
  ordering: {
    terms: ['identifier', 'intent', 'user', 'expires'],
    byDefault: [
      { by: 'identifier', descending: false },
      { by: 'expires', descending: false },
    ],
  },
  owner: 'user',
  joins: ['groups', 'users'],
  text: (row: ApiToken, { database, release }, included) =>
    objectText(Object.keys(values), values, row, { database, release, ...included }),
  querystring: listParameters({
    description: Type.String(),
    expires: Type.String({ format: 'date-time' }),
    expiring: Type.Boolean(),
    identifier: Type.String(),
    intent: Type.String({ enum: [...INTENTS] }),
    managed: Type.String(),
    user__username: Type.String(),
  }),
  schemas(release) {
    const one = Type.Object(
      {
        pk: Type.String({ format: 'uuid' }),
        managed: orNull(Type.String()),
        identifier: Type.String(),
        intent: Type.String(),
        user: Type.Integer(),
        user_obj: userSchema(release),
        description: Type.String(),
        expires: orNull(moment()),
        expiring: Type.Boolean(),
      },
      { additionalProperties: false, openapi: { component: 'Token' } },
    )
    return { one, list: listSchema(release, one, 'PaginatedTokenList'), usedBy: usedBySchema(release) }
  },
}

export const apiTokenViews = [...resourceViews(tokens), viewKeyView(tokens)]
