import type { User } from '../../world/kinds/users.js'
import { decodeBase64Text } from '../base64.js'
import { Refusal } from '../errors.js'
import { applicationOf } from '../find.js'
import { mayUse } from '../policies.js'
import { readScope } from '../scopes.js'
import { answerOf } from '../token-answer.js'
import { putAccessToken, signTokens } from '../tokens.js'
import { userOfAppPassword } from './app-password.js'
import { userOfAssertion } from './assertion.js'
import { generatedUser } from './generated-user.js'
import type { Grant, GrantRequest } from './grant.js'

/**
 * An access token without a login: for a user of the client's own, for one whose app password the client knows, or for
 * one whose token it holds. There is never a refresh token. The grant `password` is the same.
 */
export const clientCredentials: Grant = async (request) => {
  const user = await subjectOf(request)
  const { client, form, now } = request
  const occasion = { client, user: user.pk, scope: readScope(form.get('scope'), client), session: null, authTime: now }
  const access = await signTokens(request, occasion)
  return () => ({ answer: answerOf(occasion, access), changes: [putAccessToken(request, access)] })
}

async function subjectOf(request: GrantRequest): Promise<User> {
  const { form, secret, client } = request
  if (form.get('client_assertion_type')) return requireAccess(request, await userOfAssertion(request))
  const username = form.get('username')
  if (username) return requireAccess(request, userOfAppPassword(request, username, form.get('password')))
  if (secret === client.client_secret) {
    const application = requireApplication(request)
    return requireAccess(request, generatedUser(request, application))
  }
  // For clients that can say no more than a secret, it may hold both.
  const [name = '', ...password] = (decodeBase64Text(secret) ?? '').split(':')
  return requireAccess(request, userOfAppPassword(request, name, password.join(':')))
}

function requireAccess(request: GrantRequest, user: User): User {
  const application = requireApplication(request)
  if (mayUse(application, user, request.database)) return user
  throw new Refusal('invalid_grant', `application ${application.slug} is closed to user ${user.username}`)
}

function requireApplication({ database, client }: GrantRequest) {
  const application = applicationOf(database, client)
  if (application !== undefined) return application
  throw new Refusal('invalid_grant', `provider ${client.name} has no application`)
}
