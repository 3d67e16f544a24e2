import { measure, type Round } from './load.js'
import { OPERATIONS, type Operation, type OperationName } from './operations.js'
import { PEER_NAMES, PEERS, type Peer, type PeerName, reasonAgainst, scriptsFor } from './peers.js'
import { inRounds, type Pace } from './rounds.js'
import { createPool, type Server, startServer } from './server.js'
import type { Setup } from './setup.js'

/** What a peer did at one operation, or why it cannot do it. */
export type Cell = { rounds: Round[]; memory: number | null } | { reason: string }

const CONNECTIONS = 16

/** Measures all peers at one operation: they are started together, and take turns. */
export async function measureOperation(name: OperationName, setup: Setup, pace: Pace): Promise<Record<string, Cell>> {
  const operation: Operation = OPERATIONS[name]
  const cells: Record<string, Cell> = {}
  await using servers = createPool()
  const able: { peer: Peer; server: Server }[] = []
  for (const peerName of PEER_NAMES) {
    const peer: Peer = PEERS[peerName]
    const reason = reasonAgainst(peer, setup, name)
    if (reason === undefined) able.push({ peer, server: servers.add(await start(peerName, name, setup)) })
    else cells[peerName] = { reason }
  }
  const measured = await inRounds(able, pace, ({ peer, server }, seconds, turn) =>
    measure(server, { connections: CONNECTIONS, seconds, scripts: scriptsFor(peer, operation, CONNECTIONS, turn) }, [
      ...(operation.recreates === true ? (peer.statuses ?? []) : [operation.status]),
    ]),
  )
  able.forEach(({ server }, i) => {
    cells[server.name] = { rounds: measured[i] ?? [], memory: server.memory() }
  })
  return Object.fromEntries(PEER_NAMES.map((peer) => [peer, cells[peer] as Cell]))
}

/** Starts a peer for one operation, on the core of the servers unless told otherwise. */
export async function start(name: PeerName, operation: OperationName, setup: Setup, pin = true): Promise<Server> {
  const peer: Peer = PEERS[name]
  const { path, key, status, recreates }: Operation = OPERATIONS[operation]
  return startServer({
    name,
    command: peer.command(setup, operation),
    probe: peer.ask?.({ path, key, status }) ?? { method: 'GET', path, headers: { authorization: `Bearer ${key}` } },
    status: recreates === true ? 200 : status,
    pin,
  })
}
