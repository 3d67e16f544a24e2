import type { FastifyInstance, FastifyRequest } from 'fastify'
import { putCode } from '../../oauth2/codes.js'
import { findWaiting, letIn, turnAway } from '../../oauth2/device-codes.js'
import { issueTokens } from '../../oauth2/issue.js'
import { endedByCleanUp } from '../../oauth2/lifecycle.js'
import type { OAuthRequest } from '../../oauth2/request.js'
import type { Occasion } from '../../oauth2/tokens.js'
import type { RowChange } from '../../world/change.js'
import type { Database } from '../../world/database.js'
import { microsOf } from '../../world/instant.js'
import type { AuthorizationCode } from '../../world/kinds/authorization-codes.js'
import type { DeviceCode } from '../../world/kinds/device-codes.js'
import type { Provider } from '../../world/kinds/providers.js'
import type { User } from '../../world/kinds/users.js'
import { FixtureError, quote } from '../../world/load/mistakes.js'
import { changeRows } from '../change-rows.js'
import type { Control } from '../control.js'
import {
  CleanUp,
  CodeIssue,
  DeviceApproval,
  DeviceState,
  IssuedCode,
  IssuedTokens,
  TokenIssue,
} from '../issue-bodies.js'
import { ControlError } from '../problem.js'
import { findRow } from '../rows.js'
import type { World } from '../world.js'
import { answers, CodeParams } from './route.js'

/** What a test gets without the dance before it: tokens, codes, an answer for a device. Policies are not asked. */
export function issueRoutes(app: FastifyInstance, { mount }: Control): void {
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

  const device = { 200: { description: 'what became of the device code', schema: DeviceState } }

  app.post<{ Params: { code: string }; Body: DeviceApproval }>(
    '/_mock/device_codes/:code/approve',
    {
      schema: {
        summary: 'Let a device in, by the code that it shows',
        params: CodeParams,
        body: DeviceApproval,
        response: answers(device, 404),
      },
    },
    (request) => {
      const world = request.findWorld()
      const found = requireDevice(world.database, request.params.code)
      return put(request, letIn(found, requireUser(world.database, request.body.user)))
    },
  )

  app.post<{ Params: { code: string } }>(
    '/_mock/device_codes/:code/deny',
    {
      schema: {
        summary: 'Turn a device away, by the code that it shows',
        params: CodeParams,
        response: answers(device, 404),
      },
    },
    (request) => {
      const world = request.findWorld()
      return put(request, turnAway(requireDevice(world.database, request.params.code)))
    },
  )

  app.post(
    '/_mock/clean-up',
    {
      schema: {
        summary: 'Delete what has expired, as a task of authentik does from time to time',
        response: answers({ 200: { description: 'what went', schema: CleanUp } }),
      },
    },
    (request) => {
      const { database } = request.findWorld()
      const ended = endedByCleanUp(database, database.clock.now())
      if (ended.length > 0)
        changeRows(
          request,
          ended.map((row) => ({ type: 'delete', ...row })),
        )
      const deleted: Record<string, number> = {}
      for (const { section } of ended) deleted[section] = (deleted[section] ?? 0) + 1
      return { deleted }
    },
  )

  /** As a client would ask that found this world where the control request found it. */
  function requestOf({ protocol, headers }: FastifyRequest, { database, release, name }: World): OAuthRequest {
    const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : protocol
    const origin = `${scheme}://${headers.host}${name === '' ? '' : `/@${name}`}${mount.base}`
    return { database, release, now: database.clock.now(), origin, form: new Map() }
  }
}

function occasionOf(database: Database, asked: TokenIssue): Occasion {
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

function requireUser(database: Database, asked: number | string): User {
  const user = findRow(database, 'users', String(asked)) as User | undefined
  if (user === undefined)
    return refuse('user', asked, 'the primary key or username of a user', 'but there is no such user')
  return user.is_active ? user : refuse('user', asked, 'a user who is active')
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

/** @param why what is wrong with what was found, where `allowed` does not say it */
function refuse(path: string, found: unknown, allowed: string, why?: string): never {
  const said = found === undefined || why === undefined ? quote(found) : `${quote(found)}, ${why}`
  throw new FixtureError([{ file: 'body', path, found: said, allowed }])
}

function requireDevice(database: Database, code: string): DeviceCode {
  const device = findWaiting(database, code)
  if (device === undefined) throw new ControlError(404, `no device shows the code ${code}`)
  return device
}

function put(request: FastifyRequest, change: RowChange): DeviceState {
  changeRows(request, [change])
  const { pk, user, denied } = (change as { row: DeviceCode }).row
  return { pk, user, denied }
}

function keyOf(changes: RowChange[], section: string): number | null {
  const change = changes.find((each) => each.section === section)
  return change?.type === 'put' ? (change.row as { pk: number }).pk : null
}
