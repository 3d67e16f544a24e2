import type { FastifyInstance, FastifyRequest } from 'fastify'
import { prefixOf } from '../../authentik/context.js'
import { originOf } from '../../authentik/own-url.js'
import { putCode } from '../../oauth2/codes.js'
import { issueTokens } from '../../oauth2/issue.js'
import type { OAuthRequest } from '../../oauth2/request.js'
import type { Occasion } from '../../oauth2/tokens.js'
import type { RowChange } from '../../world/change.js'
import type { Database } from '../../world/database.js'
import { microsOf } from '../../world/instant.js'
import type { AuthorizationCode } from '../../world/kinds/authorization-codes.js'
import type { Provider } from '../../world/kinds/providers.js'
import type { User } from '../../world/kinds/users.js'
import { FixtureError } from '../../world/load/mistakes.js'
import { unheldTexts } from '../../world/load/unheld.js'
import { changeRows } from '../change-rows.js'
import { findRow, refuse, requireUser } from '../find-row.js'
import { CodeIssue, IssuedCode, IssuedTokens, TokenIssue } from '../issue-bodies.js'
import type { World } from '../worlds/world.js'
import { answers } from './route-schemas.js'

/** What a test gets without the dance before it: tokens and codes. Policies are not asked. */
export function issueRoutes(app: FastifyInstance): void {
  app.post<{ Body: TokenIssue }>(
    '/_mock/tokens/issue',
    {
      schema: {
        summary: 'Issue an access token, an id_token and, with offline_access, a refresh token',
        body: TokenIssue,
        response: answers({
          201: { description: 'the answer of the token endpoint, and its rows', schema: IssuedTokens },
        }),
      },
    },
    async (request, reply) => {
      const world = request.findWorld()
      const { nonce = null } = request.body
      const settle = await issueTokens(requestOf(request, world), occasionOf(world.database, request.body), { nonce })
      const { answer, changes } = settle()
      changeRows(request, changes)
      const pks = { access_token: keyOf(changes, 'access_tokens'), refresh_token: keyOf(changes, 'refresh_tokens') }
      return reply.code(201).send({ ...answer, pks })
    },
  )

  app.post<{ Body: CodeIssue }>(
    '/_mock/authorization_codes/issue',
    {
      schema: {
        summary: 'Issue an authorization code',
        body: CodeIssue,
        response: answers({ 201: { description: 'the code, and its row', schema: IssuedCode } }),
      },
    },
    (request, reply) => {
      const world = request.findWorld()
      const { provider: _, user: __, scope: ___, session: ____, ...details } = request.body
      const occasion = occasionOf(world.database, request.body)
      const { code, change } = putCode(requestOf(request, world), occasion, details)
      changeRows(request, [change])
      const { pk, expires } = (change as { row: AuthorizationCode }).row
      return reply.code(201).send({ code, expires, pk })
    },
  )
}

/** As a client would ask that found this world where the control request found it. */
function requestOf({ raw, control }: FastifyRequest, { database, release, name }: World): OAuthRequest {
  const origin = originOf({ request: raw, database, prefix: prefixOf(name, control.mount.base) })
  return { database, release, now: database.clock.now(), origin, form: new Map() }
}

/** @throws FixtureError */
function occasionOf(database: Database, asked: TokenIssue): Occasion {
  const mistakes = unheldTexts(asked, { file: 'body', path: '' })
  if (mistakes.length > 0) throw new FixtureError(mistakes)
  const client = requireProvider(database, asked.provider)
  const user = requireUser(database, asked.user)
  const session = requireSession(database, user, asked.session)
  const authTime = session === undefined ? database.clock.now() : microsOf(session.auth_time)
  return { client, user: user.pk, scope: requireScope(client, asked.scope), authTime, session: session?.pk ?? null }
}

/** @throws FixtureError */
function requireProvider(database: Database, asked: number | string | undefined): Provider {
  const { providers } = database
  const [first, second] = providers.keys()
  const found =
    asked !== undefined
      ? (findRow(database, 'providers', String(asked)) ?? providers.find('client_id', String(asked)))
      : second === undefined && first !== undefined
        ? providers.get(first)
        : undefined
  return (
    (found as Provider | undefined) ??
    refuse('provider', asked, 'the primary key, name or client id of a provider', 'but there is no such provider')
  )
}

function requireSession(database: Database, { pk, username }: User, asked: string | undefined) {
  if (asked === undefined) return undefined
  const session = database.sessions.get(asked.toLowerCase())
  return session?.user === pk ? session : refuse('session', asked, `the primary key of a session of user ${username}`)
}

function requireScope({ name, scopes }: Provider, asked = scopes): string[] {
  const foreign = asked.findIndex((scope) => !scopes.includes(scope))
  if (foreign !== -1)
    refuse(`scope[${foreign}]`, asked[foreign], `${scopes.join(', ')}: the scopes of provider ${name}`)
  return [...new Set(asked)]
}

function keyOf(changes: RowChange[], section: string): number | null {
  const change = changes.find((each) => each.section === section)
  return change?.type === 'put' ? (change.row as { pk: number }).pk : null
}
