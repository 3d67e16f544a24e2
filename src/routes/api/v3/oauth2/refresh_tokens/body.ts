import { idTokenText } from '../../../../../world/id-token.js'
import { microsOf } from '../../../../../world/instant.js'
import type { RefreshToken } from '../../../../../world/kinds/refresh-tokens.js'
import type { Grant } from '../../../../../world/kinds/shared/granted.js'
import { JsonText, objectText, type Projection, type Values } from '../../components/projection.js'
import { providerText } from '../../components/provider.js'
import { userText } from '../../components/user.js'
import { REFRESH_TOKEN_KEYS, type refreshTokenFields } from './body-schemas.js'

type GrantField = 'pk' | 'provider' | 'user' | 'is_expired' | 'expires' | 'scope'

/** What the bodies of all that a provider grants have in common. */
export const grantValues: Values<Pick<typeof refreshTokenFields, GrantField>, Grant> = {
  pk: (row) => row.pk,
  provider: (row, projection) =>
    new JsonText(providerText(joined(row, 'provider', projection.database.providers.get(row.provider)), projection)),
  user: (row, projection) =>
    new JsonText(userText(joined(row, 'user', projection.database.users.get(row.user)), projection)),
  is_expired: (row, { database }) => row.expires !== null && database.clock.now() > microsOf(row.expires),
  expires: (row) => row.expires,
  scope: (row) => row.scope,
}

const values: Values<typeof refreshTokenFields, RefreshToken> = {
  ...grantValues,
  id_token: (row, { release }) => idTokenText(row.id_token, release),
  revoked: (row) => row.revoked,
}

/** The body of a refresh token at this moment, compact, as the release writes it. */
export function refreshTokenText(row: RefreshToken, projection: Projection): string {
  return objectText(REFRESH_TOKEN_KEYS, values, row, projection)
}

const EXPIRY = /"is_expired":(?:true|false),(?="expires":)/

/** The text of a body without what the clock says of it: a row that only expired is the same. */
export function withoutExpiry(text: string): string {
  return text.replace(EXPIRY, '')
}

function joined<V>({ pk }: Grant, kind: string, row: V | undefined): V {
  if (row === undefined) throw new Error(`row ${pk} has no ${kind}`)
  return row
}
