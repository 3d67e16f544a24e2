import * as Type from 'typebox'
import type { Release } from '../authentik/releases.js'
import type { Entities } from '../world/baseline.js'
import { beforeOf } from '../world/fixtures/change.js'
import { BUILT_IN } from '../world/fixtures/drafts.js'
import { seedOfGroup, seedOfProvider, seedOfRefreshToken, seedOfToken, seedOfUser } from '../world/fixtures/export.js'
import { GroupSeed, ProviderSeed, RefreshTokenSeed, TokenSeed, UserSeed } from '../world/fixtures/grammar.js'
import { FixtureError, joinPath, show } from '../world/fixtures/mistakes.js'
import { idTokenText } from '../world/id-token.js'
import type { Group } from '../world/model.js'
import type { World } from '../world/world.js'

/** The kinds of rows of a world, in the grammar of fixtures. */

export type Body = Record<string, unknown>

/** What a row is shown by: a release, and the groups of the world. */
export interface Shown {
  release: Release
  groups: { get(pk: string): Group | undefined }
}

export interface Kind<Row> {
  /** What one is called in a message. */
  word: string
  /** The fields that name a row. */
  names: string[]
  seed: Type.TObject
  /** By primary key or natural key, as texts of a path. */
  find(world: World, key: string): Row | undefined
  show(row: Row, shown: Shown): Body
  /** The fixture that describes a row, over what it was before, and where in it the row stands. */
  describe(body: Body, before?: Row): { json: Body; path: string }
  /** The name that a change takes from a row, where the name is its key. */
  renamed?(body: Body, before: Row): string | undefined
  described(entities: Entities): Map<unknown, Row>
  delete(world: World, row: Row): void
}

const TokenBody = Type.Object(
  { name: Type.String({ minLength: 1, description: 'a name' }), ...TokenSeed.properties },
  { additionalProperties: false, description: 'who may call: {name, key, user, intent?, expires?}' },
)

/** What a row says only when it is issued: afterwards it stands in the id_token. */
const ISSUED = ['issued', 'auth_time', 'claims', 'amr', 'nonce', 'at_hash', 'sid', 'jti']

export const KINDS: { [section: string]: Kind<never> } = {
  refresh_tokens: kind({
    word: 'refresh token',
    names: ['pk'],
    seed: RefreshTokenSeed,
    find: ({ refreshTokens }, key) => refreshTokens.get(integer(key)),
    show: (row, { release }) => seedOfRefreshToken(row, (idToken) => idTokenText(idToken, release)),
    describe(body, before) {
      const late = before === undefined ? undefined : ISSUED.find((field) => body[field] !== undefined)
      if (late !== undefined) refuse(late, body[late], 'in a new row alone; id_token says what was issued')
      return inList('refresh_tokens', withKey(body, before?.pk))
    },
    described: (entities) => entities.refreshTokens,
    delete: (world, row) => void world.refreshTokens.delete(row.pk),
  }),
  users: kind({
    word: 'user',
    names: ['pk', 'username'],
    seed: UserSeed,
    find: (world, key) => world.users.get(integer(key)) ?? beforeOf(world).users.find(key),
    show: (user, { groups }) => seedOfUser(user, groups),
    describe: (body, before) => inList('users', withKey(body, before?.pk)),
    described: (entities) => entities.users,
    delete: (world, user) => void world.deleteUser(user.pk),
  }),
  providers: kind({
    word: 'provider',
    names: ['pk', 'name'],
    seed: ProviderSeed,
    find: (world, key) => world.providers.get(integer(key)) ?? beforeOf(world).providers.find(key),
    show: seedOfProvider,
    describe: (body, before) => inList('providers', withKey(body, before?.pk)),
    described: (entities) => entities.providers,
    delete: (world, provider) => void world.deleteProvider(provider.pk),
  }),
  groups: kind({
    word: 'group',
    names: ['pk', 'name'],
    seed: GroupSeed,
    find: (world, key) => world.groups.get(key.toLowerCase()) ?? beforeOf(world).groups.find(key),
    show: seedOfGroup,
    describe: (body, before) => inList('groups', withKey(body, before?.pk)),
    described: (entities) => entities.groups,
    delete: (world, group) => void world.deleteGroup(group.pk),
  }),
  tokens: kind({
    word: 'API token',
    names: ['name'],
    seed: TokenBody,
    find: ({ tokens }, name) => tokens.get(name),
    show: (token) => ({ name: token.name, ...seedOfToken(token) }),
    describe({ name = '', ...body }, before) {
      const key = String(name || before?.name)
      const seed = { ...(before && seedOfToken(before)), ...body }
      return { json: { tokens: { [key]: seed } }, path: joinPath('tokens', key) }
    },
    renamed({ name }, before) {
      if (name === undefined || name === before.name) return undefined
      if (before.name === BUILT_IN) refuse('name', name, `${show(BUILT_IN)}, as the token of --token is always called`)
      if (name === BUILT_IN) refuse('name', name, 'another name: the token of --token alone is called so')
      return before.name
    },
    described: (entities) => entities.tokens,
    delete: (world, token) => void world.tokens.delete(token.name),
  }),
}

/** Each kind is typed by itself; together they are a table of kinds. */
function kind<Row>(of: Kind<Row>): Kind<never> {
  return of as unknown as Kind<never>
}

/** A primary key in a path; anything else, `1e1` for one, may be a name. */
function integer(key: string): number {
  return /^\d+$/.test(key) ? Number(key) : Number.NaN
}

function inList(section: string, seed: Body) {
  return { json: { [section]: [seed] }, path: `${section}[0]` }
}

function withKey(body: Body, pk: number | string | undefined): Body {
  if (pk === undefined) return body
  const { pk: given = pk } = body
  const isSame = typeof given === 'string' ? given.toLowerCase() === pk : given === pk
  if (!isSame) refuse('pk', given, `${show(pk)}, which the path names`)
  return { ...body, pk }
}

function refuse(path: string, found: unknown, allowed: string): never {
  throw new FixtureError([{ file: 'body', path, found: show(found), allowed }])
}
