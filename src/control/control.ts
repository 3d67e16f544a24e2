import type { Socket } from 'node:net'
import type { Log } from '../server/log.js'
import type { Mount } from '../server/target.js'
import type { Micros } from '../world/instant.js'
import type { FixtureSource } from '../world/load/source.js'
import type { Snapshot } from '../world/snapshot.js'
import type { Reporter } from './findings/report.js'
import type { Replication } from './replicas/replication.js'
import type { Waits } from './waits.js'
import type { Worlds } from './worlds/worlds.js'

/** What the control API of a mock works on. */
export interface Control {
  worlds: Worlds
  version: string
  /** What made-up values are a function of. */
  seed: number
  mount: Mount
  /** What a client has to trust under https, as PEM; undefined: there is no https. */
  ca?: string | undefined
  /** The key that control requests must show; undefined: none. */
  token: string | undefined
  log: Log
  reporter: Reporter
  waits: Waits
  /** What keeps its worlds in step with those of other mocks; undefined: they are this mock's alone. */
  replication?: Replication | undefined
  /** Puts the rows of other fixtures together; relative times count from `now`. */
  begin(sources: FixtureSource[], now: Micros): Promise<Snapshot>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** That of the mock that is asked: all mocks of a process share the routes. */
    readonly control: Control
  }
}

const connected = new WeakMap<Socket, Control>()

/** Says which mock the client of a connection asks. */
export function connect(socket: Socket, control: Control): void {
  connected.set(socket, control)
}

export function controlOf(socket: Socket): Control {
  const control = connected.get(socket)
  if (control === undefined) throw new Error('a control request came on the connection of no mock')
  return control
}
