import * as Type from 'typebox'
import { byUuid, keyOf, oneRow } from '../../../../../authentik/filters.js'
import type { Release } from '../../../../../authentik/releases.js'
import { resourceViews } from '../../../../../authentik/resource/views.js'
import { BY_PK, type Resource } from '../../../../../authentik/resource.js'
import { listParameters, listSchema, moment, orNull, pk, usedBySchema } from '../../../../../authentik/wire-types.js'
import type { Application } from '../../../../../world/kinds/applications.js'
import type { Consent } from '../../../../../world/kinds/consents.js'
import type { User } from '../../../../../world/kinds/users.js'
import { JsonText, objectText, type Projection } from '../../components/projection.js'
import { userSchema, userText } from '../../components/user.js'
import { applicationText } from '../applications/body.js'
import { applications } from '../applications/resource.js'

const values = {
  pk: (row: Consent) => row.pk,
  expires: (row: Consent) => row.expires,
  expiring: (row: Consent) => row.expires !== null,
  user: (row: Consent, projection: Projection) =>
    new JsonText(userText(projection.database.users.get(row.user) as User, projection)),
  application: (row: Consent, projection: Projection) =>
    new JsonText(applicationText(projection.database.applications.get(row.application) as Application, projection)),
  permissions: (row: Consent) => row.scope.join(' '),
}

/** /api/v3/core/user_consent/: what users allowed applications. */
export const consents: Resource = {
  section: 'consents',
  undocumented: true,
  url: '/api/v3/core/user_consent/',
  operations: 'core_user_consent',
  routes: { list: 'user_consent_list', detail: 'user_consent_detail', usedBy: 'user_consent_used_by' },
  titles: { list: 'User Consent List', detail: 'User Consent Instance' },
  description: 'UserConsent Viewset',
  model: { permission: 'userconsent', name: 'UserConsent' },
  allow: { list: 'GET, HEAD, OPTIONS', detail: 'GET, DELETE, HEAD, OPTIONS' },
  lookup: BY_PK,
  isDeletable: true,
  ownerMayDelete: true,
  filters: {
    user: keyOf('users'),
    application: oneRow(
      byUuid(({ database }, pk) => database.applications.get(pk)),
      ({ application }, { pk }) => application === pk,
    ),
  },
  search: ({ user }: Consent, { database }) => [database.users.get(user)?.username ?? ''],
  ordering: {
    terms: ['pk', 'user', 'application', 'expires'],
    byDefault: [
      { by: 'application', descending: false },
      { by: 'expires', descending: false },
    ],
  },
  owner: 'user',
  joins: ['groups', 'users', 'providers', 'applications'],
  text: (row: Consent, { database, release }, included) =>
    objectText(Object.keys(values), values, row, { database, release, ...included }),
  querystring: listParameters({ application: Type.String({ format: 'uuid' }), user: Type.Integer() }),
  schemas(release) {
    const one = consentSchema(release)
    return { one, list: listSchema(release, one, 'PaginatedUserConsentList'), usedBy: usedBySchema(release) }
  },
}

function consentSchema(release: Release) {
  return Type.Object(
    {
      pk: pk(),
      expires: orNull(moment()),
      expiring: Type.Boolean(),
      user: userSchema(release),
      application: applications.schemas(release).one,
      permissions: Type.String(),
    },
    { additionalProperties: false, openapi: { component: 'UserConsent' } },
  )
}

export const consentViews = resourceViews(consents)
