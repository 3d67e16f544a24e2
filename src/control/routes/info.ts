import type { FastifyInstance } from 'fastify'
import { Info } from '../bodies.js'
import type { World } from '../worlds/world.js'
import { clockState } from './clock.js'
import { sendPage, wantsPage } from './console.js'
import { releaseState } from './releases.js'
import { answers } from './route-schemas.js'

const PATHS = [
  ...['fixtures', 'clock', 'faults', 'presets', 'stubs', 'requests', 'report', 'callers', 'resources', 'release'],
  ...['releases', 'worlds', 'openapi.json'],
]

/** What the mock is, and the way back to the beginning. */
export function infoRoutes(app: FastifyInstance): void {
  app.get(
    '/_mock/',
    {
      schema: {
        summary: 'What this world is; for a browser, a page that shows it',
        response: answers({ 200: { description: 'the world', schema: Info } }),
      },
    },
    async (request, reply) => {
      if (wantsPage(request)) return sendPage(request, reply)
      const world = request.findWorld()
      const { worlds, version, mount, ca } = request.control
      reply.header('Vary', 'Accept')
      return {
        ...infoOf(world, version, ca === undefined ? PATHS : [...PATHS, 'ca.pem']),
        web_path: `${mount.base}/`,
        changes: world.database.changes,
        counts: { ...countsOf(world), worlds: await worlds.count() },
      } satisfies Info
    },
  )

  app.post(
    '/_mock/reset',
    {
      config: { emptiesJournal: true },
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
}

function infoOf(world: World, version: string, paths: string[]) {
  const { name, database } = world
  const root = name === '' ? '/_mock' : `/@${name}/_mock`
  return {
    name: 'authentik-mock',
    version,
    world: name,
    release: releaseState(world),
    clock: clockState(database.clock),
    links: Object.fromEntries(paths.map((path) => [path, `${root}/${path}`])),
  }
}

function countsOf({ database, journal, faults, stubs }: World) {
  return {
    ...Object.fromEntries(Object.keys(database.kinds).map((section) => [section, database.table(section).size])),
    faults: faults.size,
    stubs: stubs.size,
    requests: journal.size,
  }
}
