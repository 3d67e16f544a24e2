import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import type { Resource } from '../../authentik/resource.js'
import type { View } from '../../authentik/view.js'
import { RESOURCE_VIEWS } from '../../routes/resources.js'
import { isSuperuser } from '../../world/computed-fields.js'
import type { ApiToken } from '../../world/kinds/api-tokens.js'
import type { User } from '../../world/kinds/users.js'
import { BUILT_IN } from '../../world/load/drafts.js'
import { countSeen, type Looking, look, lookingFor } from '../look.js'
import { ApiList, Caller, Look, LookQuery } from '../look-bodies.js'
import { answers } from './route-schemas.js'

/** The API as its callers see it, without a trace in the journal. */
export function lookRoutes(app: FastifyInstance): void {
  app.get<{ Querystring: LookQuery }>(
    '/_mock/look',
    {
      schema: {
        summary: "What authentik's API answers a caller to a GET: nothing is noted, and no fault is used up",
        querystring: LookQuery,
        response: answers({ 200: { description: 'the answer', schema: Look } }, 404, 422),
      },
    },
    (request) => look(lookingFor(request), request.query.path, request.query.as ?? BUILT_IN),
  )

  app.get(
    '/_mock/resources',
    {
      schema: {
        summary: 'The lists of the API, and what they are filtered and ordered by',
        response: answers({ 200: { description: 'the lists', schema: Type.Array(ApiList) } }),
      },
    },
    () => LISTS.map(({ resource }) => stateOf(resource)),
  )

  app.get(
    '/_mock/callers',
    {
      schema: {
        summary: 'The API tokens, and what each may see',
        response: answers({ 200: { description: 'who may call', schema: Type.Array(Caller) } }),
      },
    },
    async (request) => {
      const looking = lookingFor(request)
      const { tokens } = looking.world.database
      const callers: Caller[] = []
      for (const name of tokens.keys()) callers.push(await callerOf(looking, tokens.get(name) as ApiToken))
      return callers
    },
  )
}

/** A kind may have several. */
const LISTS = RESOURCE_VIEWS.filter(
  (view): view is View & { resource: Resource } => view.resource !== undefined && view.resource.url === view.url,
)

function stateOf({ section, url, querystring, ordering, lookup }: Resource): ApiList {
  const filters = Object.keys(querystring.properties).filter((name) => !PAGING.has(name))
  return { section, path: url, filters, ordering: [...ordering.terms], lookup: lookup.field ?? 'pk' }
}

const PAGING = new Set(['ordering', 'page', 'page_size'])

async function callerOf(looking: Looking, token: ApiToken): Promise<Caller> {
  const { database } = looking.world
  const { pk, username, name, permissions, ...user } = database.users.get(token.user) as User
  const sees: Caller['sees'] = {}
  let refused: string | null = null
  for (const view of LISTS) {
    const { section } = view.resource
    const { count = null, reason = null } = await countSeen(looking, view, token)
    sees[section] ??= count
    if (section === 'refresh_tokens' && count === null) refused = reason
  }
  return {
    name: token.name,
    user: { pk, username, name },
    superuser: isSuperuser(user, database.groups),
    permissions: [...permissions],
    intent: token.intent,
    expires: token.expires,
    refused,
    sees,
  }
}
