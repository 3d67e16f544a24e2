import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import { changesBetween } from '../../authentik/release-changes.js'
import { RELEASES } from '../../authentik/releases.js'
import { documentedPath, restsOnRecordings } from '../../authentik/view.js'
import { RESOURCE_VIEWS } from '../../routes/resources.js'
import { ReleaseChange, ReleaseState } from '../bodies.js'
import { ChangesQuery, ReleaseChanges, ReleaseName } from '../look-bodies.js'
import { requireRelease } from '../require-release.js'
import type { World } from '../worlds/world.js'
import { answers } from './route-schemas.js'

/** The release of a world, the others, and what they change. */
export function releaseRoutes(app: FastifyInstance): void {
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
      const { name } = requireRelease(request.body.release, 'body', 'release')
      const world = request.findWorld()
      world.apply({ type: 'release', name })
      return releaseState(world)
    },
  )

  app.get(
    '/_mock/releases',
    {
      schema: {
        summary: 'All releases, the oldest first',
        response: answers({ 200: { description: 'the releases', schema: Type.Array(ReleaseName) } }),
      },
    },
    () => RELEASES.map(({ name, evidence }) => ({ name, evidence })),
  )

  app.get<{ Querystring: ChangesQuery }>(
    '/_mock/release/changes',
    {
      schema: {
        summary: 'What changes for clients from the release that is answered as to another one',
        querystring: ChangesQuery,
        response: answers({ 200: { description: 'the changes', schema: ReleaseChanges } }),
      },
    },
    (request) => {
      const to = requireRelease(request.query.to, 'querystring', 'to')
      const { release: from } = request.findWorld()
      return { from: from.name, to: to.name, changes: changesBetween(from, to) }
    },
  )
}

export function releaseState({ release: { name, evidence, neighbours } }: World): ReleaseState {
  return { name, evidence, derived: neighbours === 'recorded' ? [] : recordedPaths() }
}

/** The paths for which only recordings of some release speak. */
function recordedPaths(): string[] {
  return RESOURCE_VIEWS.filter(restsOnRecordings).map(documentedPath)
}
