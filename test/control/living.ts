import type { Mock, Seeds } from '../../src/index.js'
import { send } from '../http.js'

export const LIVING: Seeds = {
  users: [
    { pk: 10, username: 'ada' },
    { pk: 11, username: 'jane' },
    { pk: 12, username: 'gone', is_active: false },
  ],
  providers: [
    {
      pk: 1,
      name: 'Grafana',
      client_id: 'grafana',
      client_secret: 'grafana-secret',
      client_type: 'confidential',
      scopes: ['openid', 'email', 'offline_access'],
      redirect_uris: [{ matching_mode: 'strict', url: 'https://grafana.test/callback' }],
      signing_key: null,
      application: { slug: 'grafana', name: 'Grafana' },
    },
  ],
  refresh_tokens: [
    { pk: 1, user: 'ada' },
    { pk: 2, user: 'jane', expires: 'days=1', token: 'janes-refresh-token' },
    { pk: 3, user: 'jane', expires: null },
  ],
}

/** Asks an OAuth2 endpoint as the client that there is. */
export async function post(world: Mock, endpoint: string, form: Record<string, string>) {
  const { origin, pathname } = new URL(world.url)
  const { status, body } = await send(origin, {
    method: 'POST',
    path: `${pathname === '/' ? '' : pathname}/application/o/${endpoint}/`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: String(new URLSearchParams({ client_id: 'grafana', client_secret: 'grafana-secret', ...form })),
  })
  return { status, json: body === '' ? {} : JSON.parse(body) }
}

export const refresh = (world: Mock, refresh_token: string) =>
  post(world, 'token', { grant_type: 'refresh_token', refresh_token })
