import { secretOf } from '../world/by-secret.js'
import type { RowChange } from '../world/change.js'
import { formatInstant } from '../world/instant.js'
import type { AuthorizationCode } from '../world/kinds/authorization-codes.js'
import { sayable } from './find.js'
import type { OAuthRequest } from './request.js'
import { expiryOf, type Occasion } from './tokens.js'

/** What a code remembers of the request that it was asked for with. */
export type CodeDetails = Partial<Pick<AuthorizationCode, 'nonce' | 'code_challenge' | 'code_challenge_method'>>

/**
 * A code, and the change that makes it a row. Its key is taken in the same breath, so that nobody else takes it.
 *
 * @throws Crash
 */
export function putCode(
  { database, now }: Pick<OAuthRequest, 'database' | 'now'>,
  { client, user, scope, session, authTime }: Occasion,
  { nonce = null, code_challenge = null, code_challenge_method = null }: CodeDetails = {},
): { code: string; change: RowChange } {
  for (const text of [nonce, code_challenge]) if (text !== null) sayable(text)
  const row: AuthorizationCode = {
    pk: database.newKeys('authorization_codes')() as number,
    provider: client.pk,
    user,
    expires: expiryOf(client.access_code_validity, now),
    scope,
    session,
    code: null,
    nonce,
    code_challenge,
    code_challenge_method,
    auth_time: formatInstant(authTime),
  }
  const code = secretOf(database, 'authorization_codes', 'code', row) as string
  return { code, change: { type: 'put', section: 'authorization_codes', row } }
}
