import { microsOf } from '../../../../world/instant.js'
import type { Grant } from '../../../../world/kinds/shared/granted.js'
import { JsonText, type Values } from '../components/projection.js'
import { providerText } from '../components/provider.js'
import { userText } from '../components/user.js'
import type { refreshTokenFields } from './refresh_tokens/body-schemas.js'

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

function joined<V>({ pk }: Grant, kind: string, row: V | undefined): V {
  if (row === undefined) throw new Error(`row ${pk} has no ${kind}`)
  return row
}
