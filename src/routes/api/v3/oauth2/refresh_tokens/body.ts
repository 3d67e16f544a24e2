import { idTokenText } from '../../../../../world/id-token.js'
import type { RefreshToken } from '../../../../../world/kinds/refresh-tokens.js'
import { objectText, type Projection, type Values } from '../../components/projection.js'
import { grantValues } from '../grant-body.js'
import { REFRESH_TOKEN_KEYS, type refreshTokenFields } from './body-schemas.js'

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
