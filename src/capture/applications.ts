import { UNCHANGED } from '../routes/api/v3/core/applications/body.js'
import type { NeighbourBody } from '../upstream/read-neighbours.js'
import type { Json } from '../world/json.js'
import type { Remarks } from './remarks.js'

/**
 * What a fixture says of an application: the rest of its body follows from that, or from its provider.
 *
 * @param providers the primary keys of those that the fixture holds
 */
export function partOfApplication(body: NeighbourBody, providers: ReadonlySet<Json>, remarks: Remarks): NeighbourBody {
  for (const [field, value] of Object.entries(UNCHANGED))
    if (body[field] !== undefined && body[field] !== value)
      remarks.add(`applications[].${field}: not kept, as the mock always answers ${JSON.stringify(value)}`)
  const { pk, slug = null, name = null, provider = null } = body
  if (provider === null || providers.has(provider)) return { pk, slug, name, provider }
  remarks.add('applications[].provider: not one of the providers that were read: null stands there')
  return { pk, slug, name, provider: null }
}
