import * as Type from 'typebox'
import type { RequestContext } from '../../../../../authentik/context.js'
import { exactField, exactFieldOf, username } from '../../../../../authentik/filters.js'
import { resourceViews } from '../../../../../authentik/resource/views.js'
import type { Resource } from '../../../../../authentik/resource.js'
import {
  anything,
  listParameters,
  listSchema,
  moment,
  orNull,
  usedBySchema,
} from '../../../../../authentik/wire-types.js'
import type { Session } from '../../../../../world/kinds/sessions.js'

/** What the parser of authentik says of a program that it does not know. This mock knows none. */
const UNKNOWN_AGENT = {
  user_agent: { family: 'Other', major: null, minor: null, patch: null },
  os: { family: 'Other', major: null, minor: null, patch: null, patch_minor: null },
  device: { family: 'Other', brand: null, model: null },
}

function textOf(session: Session, { browser }: RequestContext): string {
  return JSON.stringify({
    uuid: session.pk,
    current: browser?.session?.pk === session.pk,
    user_agent: { string: session.last_user_agent, ...UNKNOWN_AGENT },
    geo_ip: null,
    asn: null,
    user: session.user,
    last_ip: session.last_ip,
    last_user_agent: session.last_user_agent,
    last_used: session.last_used,
    expires: session.expires,
  })
}

/** /api/v3/core/authenticated_sessions/: who is signed in, and where. */
export const sessions: Resource = {
  section: 'sessions',
  undocumented: true,
  url: '/api/v3/core/authenticated_sessions/',
  operations: 'core_authenticated_sessions',
  routes: { list: 'session_list', detail: 'session_detail', usedBy: 'session_used_by' },
  titles: { list: 'Authenticated Session List', detail: 'Authenticated Session Instance' },
  description: 'AuthenticatedSession Viewset',
  model: { permission: 'authenticatedsession', name: 'AuthenticatedSession' },
  allow: { list: 'GET, HEAD, OPTIONS', detail: 'GET, DELETE, HEAD, OPTIONS' },
  lookup: { parameter: 'uuid', field: 'pk', form: 'uuid' },
  isDeletable: true,
  ownerMayDelete: true,
  filters: {
    user__username: username,
    last_ip: exactField,
    last_user_agent: exactField,
    session__last_ip: exactFieldOf('last_ip'),
    session__last_user_agent: exactFieldOf('last_user_agent'),
  },
  search: ({ user, last_ip, last_user_agent }: Session, { database }) => [
    ...[last_ip, last_user_agent],
    database.users.get(user)?.username ?? '',
  ],
  ordering: { terms: ['pk', 'user', 'expires'], byDefault: [{ by: 'user', descending: false }] },
  owner: 'user',
  joins: ['sessions'],
  isPersonal: true,
  text: textOf,
  querystring: listParameters({
    last_ip: Type.String(),
    last_user_agent: Type.String(),
    session__last_ip: Type.String(),
    session__last_user_agent: Type.String(),
    user__username: Type.String(),
  }),
  schemas(release) {
    const one = Type.Object(
      {
        uuid: Type.String({ format: 'uuid' }),
        current: Type.Boolean(),
        user_agent: anything(),
        geo_ip: orNull(anything()),
        asn: orNull(anything()),
        user: Type.Integer(),
        last_ip: Type.String(),
        last_user_agent: Type.String(),
        last_used: moment(),
        expires: moment(),
      },
      { additionalProperties: false, openapi: { component: 'AuthenticatedSession' } },
    )
    return { one, list: listSchema(release, one, 'PaginatedAuthenticatedSessionList'), usedBy: usedBySchema(release) }
  },
}

export const sessionViews = resourceViews(sessions)
