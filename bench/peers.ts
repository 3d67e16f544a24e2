import { join } from 'node:path'
import { MOCK, mockCommand } from './mock-command.js'
import { bearer, type Exchange, get, type Operation, type OperationName, ROWS, SUPERUSER } from './operations.js'
import type { Setup } from './setup.js'

/** A server that is measured. */
export interface Peer {
  /** The command that starts it, for one operation. */
  command(setup: Setup, operation: OperationName): (port: number) => string[]
  /** How it is asked, where that is not as authentik is. */
  ask?(operation: Operation): Exchange
  /** How a row that was deleted is made again. */
  recreate?: Omit<Exchange, 'body'> & { row: object }
  /** What answers to the DELETE, and to what makes the row again. */
  statuses?: [number, number]
  /** Operations that it cannot do, and why. */
  cannot?: Partial<Record<OperationName, string>>
  /** Why it is left out on this machine. */
  missing?(setup: Setup): string | undefined
}

const HERE = import.meta.dirname
const node = process.execPath
const module = (file: string) => join(HERE, 'node_modules', file)
const JSON_TYPE = { 'content-type': 'application/json' }

const CONSTANT = { 'delete and create': 'it sends a constant' }
const NO_LISTS = 'without rows written by hand its lists have a length of their own'
const OF_THE_CONTRACT = {
  'list of 20': NO_LISTS,
  'list of 100': NO_LISTS,
  'filtered list': NO_LISTS,
  'not found': 'the contract has no 404',
  'delete and create': 'it keeps no rows',
}

/** Prism serves the paths of the contract without the path of its server, and errors where they are asked for. */
function prism(...options: string[]): Peer {
  return {
    command: () => (port) => [
      ...[node, module('@stoplight/prism-cli/dist/index.js'), 'mock', join(HERE, 'contract.json')],
      ...['--port', String(port), '--verboseLevel', 'silent', ...options],
    ],
    ask: ({ path, key, status }) => ({
      method: 'GET',
      path: path.replace('/api/v3', ''),
      headers: { ...bearer(key), ...(status === 200 ? {} : { prefer: `code=${status}` }) },
    }),
    cannot: OF_THE_CONTRACT,
  }
}

function mock(headers: Record<string, string> = {}): Peer {
  return {
    command: (setup) => (port) => mockCommand(setup.world, 1000, port),
    ask: ({ path, key }) => ({ method: 'GET', path, headers: { ...bearer(key), ...headers } }),
    recreate: {
      method: 'POST',
      path: '/_mock/refresh_tokens',
      headers: JSON_TYPE,
      row: { user: 'user', provider: 1000 },
    },
    statuses: [204, 201],
  }
}

/** The built program over the world that ships with it, which opens to the same key. */
export function shippedCommand(port: number): string[] {
  return [node, MOCK, '--port', String(port), '--token', SUPERUSER, '--log-level', 'silent']
}

export const AS_IT_COMES = 'authentik-mock, as it comes'

export const PEERS = {
  'node:http': {
    command: ({ bodyOf }, operation) => constant('node-http.js', bodyOf(operation)),
    cannot: CONSTANT,
  },
  Fastify: { command: ({ bodyOf }, operation) => constant('fastify.js', bodyOf(operation)), cannot: CONSTANT },
  'authentik-mock': mock(),
  'authentik-mock, gzip': mock({ 'accept-encoding': 'gzip' }),
  'json-server': {
    command:
      ({ database, routes }) =>
      (port) => [
        ...[node, module('json-server/lib/cli/bin.js'), database(), '--id', 'pk', '--routes', routes],
        ...['--quiet', '--port', String(port), '--host', '127.0.0.1'],
      ],
    recreate: { method: 'POST', path: ROWS, headers: JSON_TYPE, row: {} },
    statuses: [200, 201],
    cannot: { forbidden: 'it knows no permissions' },
  },
  Mockoon: {
    command:
      ({ mockoon }, operation) =>
      (port) => [
        ...[node, module('@mockoon/cli/bin/run.js'), 'start', '--data', mockoon(operation), '--repair'],
        ...['--disable-log-to-file', '--disable-admin-api', '--port', String(port), '--hostname', '127.0.0.1'],
      ],
    recreate: { method: 'POST', path: ROWS, headers: JSON_TYPE, row: {} },
    statuses: [200, 201],
  },
  'Prism, static': prism(),
  'Prism, dynamic': prism('--dynamic'),
  WireMock: {
    command:
      ({ wireMockJar, wireMock }, operation) =>
      (port) => [
        ...['java', '-jar', wireMockJar ?? '', '--port', String(port), '--bind-address', '127.0.0.1'],
        ...['--root-dir', wireMock(operation), '--max-request-journal-entries', '1000', '--disable-banner'],
      ],
    cannot: { 'delete and create': 'its mappings keep no rows' },
    missing: ({ wireMockJar }) => (wireMockJar === undefined ? 'there is no Java on this machine' : undefined),
  },
} satisfies Record<string, Peer>

export type PeerName = keyof typeof PEERS
export const PEER_NAMES = Object.keys(PEERS) as PeerName[]
/** Those that are measured with more and more connections. */
export const COMPARED = ['node:http', 'Fastify', 'authentik-mock'] as const

/** Why a peer cannot be measured, or undefined. */
export function reasonAgainst(peer: Peer, setup: Setup, operation: OperationName): string | undefined {
  return peer.missing?.(setup) ?? peer.cannot?.[operation]
}

/**
 * What each connection asks of a peer. Where rows are deleted and made again, each connection of each turn has a row of
 * its own: a turn may end between the two.
 */
export function scriptsFor(peer: Peer, operation: Operation, connections: number, turn: number): Exchange[][] {
  const asked = peer.ask?.(operation) ?? get(operation.path, operation.key)
  const { recreate } = peer
  if (operation.recreates !== true || recreate === undefined) return [[asked]]
  return Array.from({ length: connections }, (_, i) => {
    const pk = turn * connections + i + 1
    return [
      { ...asked, method: 'DELETE', path: `${ROWS}${pk}/` },
      {
        ...recreate,
        headers: { ...asked.headers, ...recreate.headers },
        body: JSON.stringify({ ...recreate.row, pk }),
      },
    ]
  })
}

function constant(file: string, { path, status }: { path: string; status: number }): (port: number) => string[] {
  return (port) => [node, join(HERE, 'servers', file), String(port), String(status), path]
}
