import type { ServerResponse } from 'node:http'
import type { Release } from '../authentik/releases.js'
import { refuse } from '../server/front.js'
import { createOnce, type Log, logRequest } from '../server/log.js'
import { createMasks, type Masks } from '../server/masking.js'
import type { ControlPort } from '../server/port.js'
import { createMount, type Mount } from '../server/target.js'
import type { Change } from '../world/change.js'
import type { Micros } from '../world/instant.js'
import { lazyImport } from '../world/lazy.js'
import type { FixtureSource } from '../world/load/source.js'
import { madeUpToken } from '../world/secret-forms.js'
import type { Snapshot } from '../world/snapshot.js'
import { type Control, connect } from './control.js'
import { createReporter, type Reporter } from './findings/report.js'
import { createGuard } from './guard.js'
import { createInterceptor, MAX_STUB_BODY } from './intercept.js'
import { problemOf, sendProblem } from './problem.js'
import type { SharedGates } from './replicas/gates.js'
import type { Replication } from './replicas/replication.js'
import { createUnserved } from './unserved.js'
import { createWaits, type Waits } from './waits.js'
import type { WorldSettings } from './worlds/world.js'
import { createWorlds, type Worlds } from './worlds/worlds.js'

/** What a mock adds to authentik, put together: what the server reaches of it, and what the mock itself asks. */

export interface ControlSettings {
  snapshot: Snapshot
  release: Release
  /** By username: as whom browsers without a session are signed in when they ask for authorization. */
  signedIn?: string | undefined
  log: Log
  /** What authentik is served below, with a slash at both ends. */
  webPath: string
  /** Then nothing under `/_mock/` is served, no world has a name, and no request has an `X-Mock-Prefer`. */
  noControl: boolean
  /** The key that control requests must show; undefined: none. */
  controlToken: string | undefined
  /** Names that the mock may be driven under, beside those that nobody can register. */
  allowHost: string[]
  /** How many requests the journal of a world remembers. */
  journal: number
  /** What the journals of all worlds may take, in bytes. */
  journalBytes: number
  /** What kept answers may take, in bytes, and as much again what kept orders of rows may. */
  cacheBytes: number
  /** How many rows that clients made by their requests all worlds may have together. */
  issuedRows: number
  /** How many worlds there may be beside the one without a prefix. */
  worlds: number
  /** Where what nothing serves goes; undefined: nowhere. */
  forward?: string | undefined
  /** Whether credentials go along. */
  forwardCredentials?: boolean
  /** How many seconds it may be silent. */
  forwardTimeout?: number
  seed: number
  version: string
  /** Is told of every change of any world, in order. */
  onChange?: (world: string, changes: Change[]) => void
  /** What a client has to trust under https, as PEM; undefined: there is no https. */
  ca?: string | undefined
  follow?: WorldSettings['follow']
  /** Keeps its worlds in step with those of other mocks; undefined: they are this mock's alone. */
  replication?: Replication | undefined
  begin(sources: FixtureSource[], now: Micros): Promise<Snapshot>
  fail(error: unknown, response: ServerResponse): void
}

/** Few forward anything: what does is loaded by the first request that goes there. */
function forwardOf(settings: ControlSettings, waits: Waits, mount: Mount) {
  const { forward, forwardCredentials: credentials = false, forwardTimeout = 30 } = settings
  if (forward === undefined) return undefined
  const url = forward.replace(/\/+$/, '')
  const load = lazyImport(async () => {
    const { createForwarder } = await import('./forward.js')
    return createForwarder({ url, credentials, timeout: forwardTimeout * 1000, waits, mount })
  })
  return { url, load }
}

export function createControlPort(settings: ControlSettings): {
  port: ControlPort
  worlds: Worlds
  reporter: Reporter
  waits: Waits
  masks: Masks
  sharedGates: SharedGates | undefined
} {
  const { log, noControl, fail, controlToken, replication } = settings
  const masks = createMasks((text, at) => madeUpToken(settings.seed, text, at))
  if (controlToken !== undefined) masks.learn(controlToken)
  const warn = createOnce(log, masks)
  const onForgotten = () =>
    warn(`clients made more than ${settings.issuedRows} rows, so the oldest go; --issued-rows sets the limit`)
  const worlds = createWorlds({
    ...settings,
    ...{ masks, onForgotten, worlds: noControl ? 0 : settings.worlds },
    ...(replication && { store: replication.store, follow: replication.follow, openJournal: replication.openJournal }),
  })
  const mount = createMount(settings.webPath, worlds.areNamed)
  const reporter = replication?.openReport(masks) ?? createReporter(masks)
  const waits = createWaits()
  const guard = createGuard(settings.allowHost)
  const control: Control = { ...settings, token: settings.controlToken, mount, worlds, reporter, waits }
  const load = lazyImport(async () => {
    const { partsOf } = await import('./parts.js')
    return partsOf(settings.snapshot.kinds)
  })

  const passage = replication?.passage({ guard, fail, waits, way: () => way })
  const way = createInterceptor({
    log: (ctx, status) => logRequest(log, masks, ctx, status),
    fail,
    reporter,
    masks,
    waits,
    isControlled: !noControl,
    unserved: createUnserved(log, masks),
    forward: forwardOf(settings, waits, mount),
    inTurn: passage?.inTurn,
    sharedGates: passage?.sharedGates,
  })

  const port: ControlPort = {
    mount,
    hasControl: !noControl,
    turnAway(request, response, world) {
      const problem =
        world === undefined ? undefined : guard.world(request, world, replication !== undefined || worlds.has(world))
      if (problem !== undefined) sendProblem(response, problem)
      return problem !== undefined
    },
    locate: worlds.locate,
    ...way,
    // Another mock may have added a stub that looks at it.
    ...(passage && { intercept: passage.intercept, bodyLimit: () => MAX_STUB_BODY }),
    control(request, response) {
      const problem = guard.control(request)
      if (problem !== undefined) return sendProblem(response, problem)
      load()
        .then((partAt) => partAt(mount.parse(request.url ?? '').decoded))
        .then((handle) => {
          // It may have been refused meanwhile, for its body.
          if (response.writableEnded) return
          connect(request.socket, control)
          handle(request, response)
        })
        .catch((error) => {
          log.error(error)
          if (response.headersSent) response.destroy()
          else sendProblem(response, problemOf(error))
        })
    },
    /** Only control requests wait for their bodies. */
    refuseBody(response) {
      const isWaiting = mount.parse(response.req.url ?? '').isControl && !response.headersSent
      if (isWaiting) refuse(response, 400, 'Bad Request')
    },
  }
  return { port, worlds, reporter, waits, masks, sharedGates: passage?.sharedGates }
}
