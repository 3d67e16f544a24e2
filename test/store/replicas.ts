import { findRelease, type Release } from '../../src/authentik/releases.js'
import type { Report } from '../../src/control/bodies.js'
import { createClient, type Mock } from '../../src/control/client/client.js'
import { createLog } from '../../src/server/log.js'
import { type MockSettings, openMock } from '../../src/server/mock.js'
import { SHIPPED_WORLD } from '../../src/world/load/shipped.js'
import { send, type WireAnswer, type WireRequest } from '../http.js'

/** One of several mocks that are one. */
export interface ReplicaMock extends AsyncDisposable {
  url: string
  control: Mock
  ask(request: WireRequest): Promise<WireAnswer>
  cut(): void
  /** As it is written when it ends. */
  report(): Report
}

export const TOKEN = 'root'
export const ROOT = { Authorization: `Bearer ${TOKEN}` }

export async function openReplica(
  store: MockSettings['store'],
  more: Partial<MockSettings> = {},
): Promise<ReplicaMock> {
  const mock = await openMock(
    {
      ...{ sources: [SHIPPED_WORLD], release: findRelease('2025.2') as Release, token: TOKEN, generate: 0, seed: 1 },
      ...{ log: createLog('silent', { write() {} }), webPath: '/', noControl: false, controlToken: undefined },
      ...{
        allowHost: [],
        journal: 100,
        journalBytes: 1e6,
        cacheBytes: 1e6,
        worlds: 20,
        stopGrace: 0.2,
        store,
        issuedRows: 1000,
      },
      ...more,
    },
    { port: 0, host: '127.0.0.1' },
  )
  return {
    url: mock.url,
    control: createClient(mock.url, { token: TOKEN, controlToken: undefined }, mock.close),
    ask: (request) => send(mock.url, request),
    cut: mock.cut,
    report: () => mock.report(),
    async [Symbol.asyncDispose]() {
      await mock.close()
    },
  }
}

export const post = (path: string, body: object): WireRequest => ({
  method: 'POST',
  path,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})

export const form = (path: string, fields: Record<string, string>): WireRequest => ({
  method: 'POST',
  path: `/application/o/${path}/`,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: String(new URLSearchParams(fields)),
})
