import { isOver, microsOf } from '../../world/instant.js'
import type { AuthorizationCode } from '../../world/kinds/authorization-codes.js'
import { requireSecret } from '../client-auth.js'
import { Refusal } from '../errors.js'
import { whyUnknown } from '../fate.js'
import { findCode } from '../find.js'
import { issueTokens } from '../issue.js'
import { pkceMistake } from '../pkce.js'
import { isForbidden, isListed } from '../redirect-uris.js'
import type { Grant, GrantRequest } from './grant.js'

/** Tokens for a code, once. A code stays usable after every refusal. */
export const authorizationCode: Grant = async (request) => {
  requireSecret(request)
  const code = await requireCode(request)
  const { provider: _, user, scope, session, nonce } = code
  const occasion = { client: request.client, user, scope, session, authTime: microsOf(code.auth_time) }
  const settle = await issueTokens(request, occasion, { nonce })
  return () => {
    const { answer, changes } = settle()
    const from = { section: 'authorization_codes', key: code.pk }
    return { answer, changes: [...changes, { type: 'delete', ...from }], from }
  }
}

async function requireCode({ database, client, form, now }: GrantRequest): Promise<AuthorizationCode> {
  const shown = form.get('code')
  if (!shown) throw new Refusal('invalid_grant', 'no code was sent')
  await requireRedirectUri(client, form.get('redirect_uri') ?? '')
  const code = findCode(database, shown)
  if (code === undefined) throw new Refusal('invalid_grant', whyUnknown(database, 'authorization_codes', 'code', shown))
  if (isOver(code.expires, now)) throw new Refusal('invalid_grant', `the code expired at ${code.expires}`)
  if (code.provider !== client.pk) throw new Refusal('invalid_grant', 'the code was issued to another client')
  const mistake = pkceMistake(code, form.get('code_verifier'))
  if (mistake !== undefined) throw new Refusal('invalid_grant', mistake)
  return code
}

/** It is held against the list of the provider, and not against the one that the code was asked for with. */
async function requireRedirectUri(client: GrantRequest['client'], uri: string): Promise<void> {
  if (!(await isListed(client, uri)))
    throw new Refusal('invalid_client', `redirect URI ${JSON.stringify(uri)} is not listed`)
  if (isForbidden(uri)) throw new Refusal('invalid_request', `the scheme of ${JSON.stringify(uri)} is forbidden`)
}
