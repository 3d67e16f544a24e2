import type { FastifyInstance } from 'fastify'
import { findRelease, nearestRelease } from '../../authentik/releases.js'
import { FixtureError } from '../../world/load/mistakes.js'
import { Info, ReleaseChange, ReleaseState } from '../bodies.js'
import type { Control } from '../port.js'
import type { World } from '../world.js'
import { clockState } from './clock.js'
import { sendPage, wantsPage } from './console.js'
import { answers } from './route.js'

const PATHS = ['fixtures', 'clock', 'faults', 'stubs', 'requests', 'report', 'release', 'worlds', 'openapi.json']

/** What the mock is, its release, and the way back to the beginning. */
export function infoRoutes(app: FastifyInstance, { worlds, version, ca }: Control): void {
  app.get(
    '/_mock/',
    {
      schema: {
        summary: 'What this world is; for a browser, a page that shows it',
        response: answers({ 200: { description: 'the world', schema: Info } }),
      },
    },
    (request, reply) => {
      if (wantsPage(request)) return sendPage(request, reply)
      const world = request.findWorld()
      reply.header('Vary', 'Accept')
      return {
        ...infoOf(world, version, ca === undefined ? PATHS : [...PATHS, 'ca.pem']),
        counts: { ...countsOf(world), worlds: worlds.list().length },
      } satisfies Info
    },
  )

  app.post(
    '/_mock/reset',
    {
      schema: {
        summary: 'The world as it began: rows, release, clock, faults, stubs, journal',
        response: answers({ 204: { description: 'done' } }),
      },
    },
    (request, reply) => {
      request.findWorld().apply({ type: 'reset' })
      return reply.code(204).send()
    },
  )

  app.get(
    '/_mock/release',
    {
      schema: {
        summary: 'The release that is answered as',
        response: answers({ 200: { description: 'the release', schema: ReleaseState } }),
      },
    },
    (request) => releaseState(request.findWorld()),
  )

  app.put<{ Body: ReleaseChange }>(
    '/_mock/release',
    {
      schema: {
        summary: 'Answer as another release',
        body: ReleaseChange,
        response: answers({ 200: { description: 'the release', schema: ReleaseState } }),
      },
    },
    (request) => {
      const { release: name } = request.body
      const release = findRelease(name)
      if (release === undefined) {
        const allowed = `latest, a release such as 2025.2 or 2025.2.4${nearestRelease(name) === undefined ? '' : `; did you mean ${nearestRelease(name)?.name}?`}`
        throw new FixtureError([{ file: 'body', path: 'release', found: JSON.stringify(name), allowed }])
      }
      const world = request.findWorld()
      world.apply({ type: 'release', name: release.name })
      return releaseState(world)
    },
  )
}

function infoOf({ name, database, release }: World, version: string, paths: string[]) {
  return {
    name: 'authentik-mock',
    version,
    world: name,
    release: { name: release.name, evidence: release.evidence },
    clock: clockState(database.clock),
    links: Object.fromEntries(paths.map((path) => [path, `/_mock/${path}`])),
  }
}

function releaseState({ release: { name, evidence } }: World): ReleaseState {
  return { name, evidence }
}

function countsOf({ database, journal, faults, stubs }: World) {
  return {
    ...Object.fromEntries(Object.keys(database.kinds).map((section) => [section, database.table(section).size])),
    faults: faults.size,
    stubs: stubs.size,
    requests: journal.size,
  }
}
