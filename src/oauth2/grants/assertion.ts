import { Crash } from '../../python/crash.js'
import type { User } from '../../world/kinds/users.js'
import { decodeSegment, decodeSegmentText } from '../base64.js'
import { Refusal } from '../errors.js'
import { findAccessToken } from '../find.js'
import { isSignedBy } from '../jwt.js'
import type { GrantRequest } from './grant.js'

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * The user whose access token a client shows as its assertion, issued by a provider that this one trusts. The keys of
 * sources, which authentik would try first, are not of this world.
 */
export async function userOfAssertion(request: GrantRequest): Promise<User> {
  const { database, client, form, now } = request
  const type = form.get('client_assertion_type')
  if (type !== JWT_BEARER) throw new Refusal('invalid_grant', `assertion type ${JSON.stringify(type)} is unknown`)
  const assertion = form.get('client_assertion') ?? form.get('client_secret')
  if (!assertion) throw new Refusal('invalid_grant', 'no client assertion was sent')
  const claims = requireJwt(request, assertion)
  const token = findAccessToken(database, assertion)
  const issuer = token && database.providers.get(token.provider)
  if (issuer === undefined || !client.jwt_federation_providers.includes(issuer.pk))
    throw new Refusal('invalid_grant', 'the assertion is not an access token of a provider that this one trusts')
  if (!(await isSignedBy(database, issuer, assertion)))
    throw new Refusal('invalid_grant', `the assertion is not signed with the key that provider ${issuer.name} has now`)
  if (typeof claims['exp'] === 'number' && claims['exp'] * 1e6 <= now)
    throw new Refusal('invalid_grant', 'the assertion expired')
  return database.users.get(token?.user as number) as User
}

/** The claims of a JWT, unverified. authentik looks for the key that it names before it looks at anything else. */
function requireJwt({ release }: GrantRequest, jwt: string): Record<string, unknown> {
  const [, first = '', second = '', signature = ''] = /^([^.]*)\.(.*)\.([^.]*)$/s.exec(jwt) ?? []
  const header = readObject(first)
  const claims = readObject(second)
  const kid = header?.['kid']
  if (header === undefined || claims === undefined || decodeSegment(signature) === undefined)
    throw new Refusal('invalid_grant', 'the assertion is not a JWT')
  if ('kid' in header && typeof kid !== 'string')
    throw new Refusal('invalid_grant', 'the kid of the assertion is not a text')
  for (const name of ['kid', 'alg']) {
    if (name in header) continue
    if (release.oauth2.assertionWithoutKid === 'crash') throw new Crash(`an assertion without ${name}`)
    throw new Refusal('invalid_grant', `the assertion has no ${name}`)
  }
  return claims
}

function readObject(segment: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(decodeSegmentText(segment) ?? '')
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
