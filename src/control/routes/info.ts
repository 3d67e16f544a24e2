import type { FastifyInstance } from 'fastify'
import { findRelease, nearestRelease } from '../../authentik/releases.js'
import { FixtureError } from '../../world/load/mistakes.js'
import type { Control } from '../app.js'
import type { Realm } from '../realm.js'
import { Info, ReleaseChange, ReleaseState } from '../schema.js'
import { clockState } from './clock.js'
import { answers, realmAsked } from './route.js'

const PATHS = ['fixtures', 'clock', 'faults', 'requests', 'report', 'release', 'worlds', 'openapi.json']

/** What the mock is, its release, and the way back to the beginning. */
export function infoRoutes(app: FastifyInstance, { worlds, version }: Control): void {
  app.get(
    '/_mock/',
    {
      schema: { summary: 'What this world is', response: answers({ 200: { description: 'the world', schema: Info } }) },
    },
    (request) => {
      const realm = realmAsked(request)
      return { ...infoOf(realm, version), counts: { ...countsOf(realm), worlds: worlds.list().length } } satisfies Info
    },
  )

  app.post(
    '/_mock/reset',
    {
      schema: {
        summary: 'The world as it began: rows, release, clock, faults, journal',
        response: answers({ 204: { description: 'done' } }),
      },
    },
    (request, reply) => {
      worlds.reset(realmAsked(request))
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
    (request) => releaseState(realmAsked(request)),
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
        const allowed = `latest, a release such as 2025.2 or 2025.2.4${nearestRelease(name) === undefined ? '' : `, perhaps ${nearestRelease(name)?.name}?`}`
        throw new FixtureError([{ file: 'body', path: 'release', found: JSON.stringify(name), allowed }])
      }
      const realm = realmAsked(request)
      worlds.serveAt(realm, release)
      return releaseState(realm)
    },
  )
}

function infoOf({ name, world, release }: Realm, version: string) {
  return {
    name: 'authentik-mock',
    version,
    world: name,
    release: { name: release.name, evidence: release.evidence },
    clock: clockState(world.clock),
    links: Object.fromEntries(PATHS.map((path) => [path, `/_mock/${path}`])),
  }
}

function releaseState({ release: { name, evidence } }: Realm): ReleaseState {
  return { name, evidence }
}

function countsOf({ world, journal, faults }: Realm) {
  return {
    ...Object.fromEntries(Object.keys(world.kinds).map((section) => [section, world.table(section).size])),
    faults: faults.list.length,
    requests: journal.size,
  }
}
