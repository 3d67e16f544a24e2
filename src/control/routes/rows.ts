import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import type { Entities } from '../../world/baseline.js'
import { beforeOf, changeWorld } from '../../world/fixtures/change.js'
import {
  seedOfGroup,
  seedOfProvider,
  seedOfRefreshToken,
  seedOfToken,
  seedOfUser,
} from '../../world/fixtures/export.js'
import { GroupSeed, ProviderSeed, RefreshTokenSeed, TokenSeed, UserSeed } from '../../world/fixtures/grammar.js'
import { FixtureError } from '../../world/fixtures/mistakes.js'
import { partial } from '../../world/fixtures/shapes.js'
import { idTokenText } from '../../world/id-token.js'
import type { World } from '../../world/world.js'
import type { Control } from '../app.js'
import { ControlError } from '../problem.js'
import type { Realm } from '../realm.js'
import { inTurn } from '../turn.js'
import { answers, KeyParams, realmAsked } from './route.js'

/** The rows of a world, in the grammar of fixtures: one entry a kind. */

type Body = Record<string, unknown>

interface Kind<Row> {
  /** What one is called in a message. */
  word: string
  /** The fields that name a row. */
  names: string[]
  seed: Type.TObject
  /** By primary key or natural key, as texts of a path. */
  find(world: World, key: string): Row | undefined
  /** The key in a path. */
  keyOf(row: Row): string
  show(row: Row, realm: Realm): Body
  /** The section of a fixture that describes a row, over what it was before. */
  describe(body: Body, before?: Row): Body
  described(entities: Entities): Map<unknown, Row>
  delete(world: World, row: Row): void
}

const TokenBody = Type.Object(
  { name: Type.String({ minLength: 1, description: 'a name' }), ...TokenSeed.properties },
  { additionalProperties: false, description: 'who may call: {name, key, user, intent?, expires?}' },
)

const kinds: { [section: string]: Kind<never> } = {
  refresh_tokens: kind({
    word: 'refresh token',
    names: ['pk'],
    seed: RefreshTokenSeed,
    find: ({ refreshTokens }, key) => refreshTokens.get(Number(key)),
    keyOf: (row) => String(row.pk),
    show: (row, { release }) => seedOfRefreshToken(row, (idToken) => idTokenText(idToken, release)),
    describe: (body, before) => ({ refresh_tokens: [withKey(body, before?.pk)] }),
    described: (entities) => entities.refreshTokens,
    delete: (world, row) => void world.refreshTokens.delete(row.pk),
  }),
  users: kind({
    word: 'user',
    names: ['pk', 'username'],
    seed: UserSeed,
    find: (world, key) => world.users.get(Number(key)) ?? beforeOf(world).users.find(key),
    keyOf: (user) => String(user.pk),
    show: seedOfUser,
    describe: (body, before) => ({ users: [withKey(body, before?.pk)] }),
    described: (entities) => entities.users,
    delete: (world, user) => void world.deleteUser(user.pk),
  }),
  providers: kind({
    word: 'provider',
    names: ['pk', 'name'],
    seed: ProviderSeed,
    find: (world, key) => world.providers.get(Number(key)) ?? beforeOf(world).providers.find(key),
    keyOf: (provider) => String(provider.pk),
    show: seedOfProvider,
    describe: (body, before) => ({ providers: [withKey(body, before?.pk)] }),
    described: (entities) => entities.providers,
    delete: (world, provider) => void world.deleteProvider(provider.pk),
  }),
  groups: kind({
    word: 'group',
    names: ['pk', 'name'],
    seed: GroupSeed,
    find: (world, key) => world.groups.get(key.toLowerCase()) ?? beforeOf(world).groups.find(key),
    keyOf: (group) => group.pk,
    show: seedOfGroup,
    describe: (body, before) => ({ groups: [withKey(body, before?.pk)] }),
    described: (entities) => entities.groups,
    delete: (world, group) => void world.deleteGroup(group.pk),
  }),
  tokens: kind({
    word: 'API token',
    names: ['name'],
    seed: TokenBody,
    find: ({ tokens }, name) => tokens.get(name),
    keyOf: (token) => token.name,
    show: (token) => ({ name: token.name, ...seedOfToken(token) }),
    describe: ({ name, ...body }, before) => ({
      tokens: { [before?.name ?? String(name)]: { ...(before && seedOfToken(before)), ...body } },
    }),
    described: (entities) => entities.tokens,
    delete: (world, token) => void world.tokens.delete(token.name),
  }),
}

/** Each kind is typed by itself; together they are a table of kinds. */
function kind<Row>(of: Kind<Row>): Kind<never> {
  return of as unknown as Kind<never>
}

export function rowRoutes(app: FastifyInstance, { seed }: Control): void {
  for (const [section, of] of Object.entries(kinds)) {
    const path = `/_mock/${section}`
    const one = { description: `the ${of.word}`, schema: of.seed }
    const change = async (realm: Realm, json: Body): Promise<Body> => {
      const { entities } = await changeWorld(realm.world, { file: 'body', json }, seed)
      const [row] = of.described(entities).values()
      return of.show(row as never, realm)
    }

    app.post<{ Body: Body }>(
      path,
      { schema: { summary: `Create a ${of.word}`, body: of.seed, response: answers({ 201: one }, 409) } },
      async (request, reply) => {
        const realm = realmAsked(request)
        const created = await inTurn(realm, () => {
          refuseExisting(of, realm.world, request.body)
          return inBody(section, () => change(realm, of.describe(request.body)))
        })
        return reply.code(201).send(created)
      },
    )

    app.get<{ Params: { key: string } }>(
      `${path}/:key`,
      { schema: { summary: `One ${of.word}`, params: KeyParams, response: answers({ 200: one }, 404) } },
      (request) => {
        const realm = realmAsked(request)
        return of.show(existing(of, realm.world, request.params.key), realm)
      },
    )

    app.patch<{ Params: { key: string }; Body: Body }>(
      `${path}/:key`,
      {
        schema: {
          summary: `Change a ${of.word}; what is left out stays`,
          params: KeyParams,
          body: partial(of.seed.properties),
          response: answers({ 200: one }, 404),
        },
      },
      (request) => {
        const realm = realmAsked(request)
        return inTurn(realm, async () => {
          const before = existing(of, realm.world, request.params.key)
          return inBody(section, () => change(realm, of.describe(request.body, before)))
        })
      },
    )

    app.delete<{ Params: { key: string } }>(
      `${path}/:key`,
      {
        schema: {
          summary: `Delete a ${of.word}, and what cannot be without it`,
          params: KeyParams,
          response: answers({ 204: { description: 'done' } }, 404),
        },
      },
      async (request, reply) => {
        const { world } = realmAsked(request)
        of.delete(world, existing(of, world, request.params.key))
        return reply.code(204).send()
      },
    )
  }
}

function existing(of: Kind<never>, world: World, key: string): never {
  const row = of.find(world, key)
  if (row === undefined) throw new ControlError(404, `there is no ${of.word} ${key}`)
  return row
}

function refuseExisting(of: Kind<never>, world: World, body: Body): void {
  for (const key of of.names.map((name) => body[name])) {
    if (key !== undefined && of.find(world, String(key)) !== undefined)
      throw new ControlError(409, `there is a ${of.word} ${key} already; PATCH changes it`)
  }
}

function withKey(body: Body, pk: number | string | undefined): Body {
  if (pk === undefined) return body
  if (body['pk'] !== undefined && body['pk'] !== pk) {
    throw new FixtureError([
      {
        file: 'body',
        path: 'pk',
        found: JSON.stringify(body['pk']),
        allowed: `${JSON.stringify(pk)}, which the path names`,
      },
    ])
  }
  return { ...body, pk }
}

/** Mistakes are named by their place in the body, not in the fixture that was made of it. */
async function inBody<T>(section: string, change: () => Promise<T>): Promise<T> {
  const prefix = new RegExp(`^${section}(?:\\[[^\\]]*\\]|\\.[^.[]*)\\.?`)
  try {
    return await change()
  } catch (error) {
    if (!(error instanceof FixtureError)) throw error
    throw new FixtureError(error.mistakes.map((mistake) => ({ ...mistake, path: mistake.path.replace(prefix, '') })))
  }
}
