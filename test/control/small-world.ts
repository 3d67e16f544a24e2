import t, { type Test } from 'tap'
import {
  connectMock,
  type Mock,
  type MockOptions,
  type RefreshTokenBody,
  type RefreshTokenListBody,
  type Seeds,
  startMock,
} from '../../src/index.js'
import { send, type WireAnswer } from '../http.js'

export const LIST = '/api/v3/oauth2/refresh_tokens/'
export const SMALL: Seeds = {
  groups: [{ name: 'staff' }, { name: 'admins', is_superuser: true }],
  users: [
    { pk: 10, username: 'ada', name: 'Ada', groups: ['admins'] },
    { pk: 11, username: 'jane', name: 'Jane', groups: ['staff'] },
  ],
  providers: [{ pk: 1, name: 'P', client_id: 'p', scopes: ['openid', 'email', 'offline_access'] }],
  refresh_tokens: [
    { pk: 1, user: 'ada' },
    { pk: 2, user: 'jane', expires: 'days=1' },
    { pk: 3, user: 'jane', expires: null },
  ],
  tokens: { jane: { key: 'jane-key', user: 'jane' }, short: { key: 'short-key', user: 'jane', expires: 'hours=1' } },
}

/** A path of a world, asked as the superuser or as somebody else. */
export function ask(
  world: Mock,
  path: string,
  { method = 'GET', key = world.token, headers = {} as Record<string, string> } = {},
): Promise<WireAnswer> {
  const { origin, pathname } = new URL(world.url)
  return send(origin, {
    method,
    path: `${pathname === '/' ? '' : pathname}${path}`,
    headers: { Authorization: `Bearer ${key}`, ...headers },
  })
}

export async function rowOf(world: Mock, pk: number): Promise<RefreshTokenBody> {
  return JSON.parse((await ask(world, `${LIST}${pk}/`)).body)
}

export async function rowsOf(world: Mock, query = ''): Promise<RefreshTokenBody[]> {
  return (JSON.parse((await ask(world, `${LIST}?ordering=pk&${query}`)).body) as RefreshTokenListBody).results
}

export const status = async (world: Mock, path: string, options = {}) => (await ask(world, path, options)).status

/** The same behaviour in a mock of this process, in one that is only connected to, and in a world of its own. */
export function behaves(name: string, body: (t: Test, mock: Mock) => Promise<void>, options: MockOptions = {}): void {
  t.test(name, async (t) => {
    const begin = () => startMock({ fixtures: SMALL, ...options })
    t.test('started', async (t) => {
      await using mock = await begin()
      await body(t, mock)
    })
    t.test('connected', async (t) => {
      await using mock = await begin()
      await body(t, await connectMock(`${mock.url}/`))
    })
    t.test('in a world', async (t) => {
      await using mock = await begin()
      await body(t, mock.world('w'))
      t.equal((await mock.info()).counts['refresh_tokens'], 3 + (options.generate ?? 0), 'the others see nothing of it')
    })
  })
}
