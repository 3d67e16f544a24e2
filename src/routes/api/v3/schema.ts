import type { View } from '../../../authentik/view.js'
import { lazyImport } from '../../../world/lazy.js'

const load = lazyImport(async () => (await import('./schema-document.js')).answerSchema)

/** /api/v3/schema/: the OpenAPI document, for everybody. Few ask for it, so it is loaded by the first who does. */
export const schemaView: View = {
  route: 'schema',
  url: '/api/v3/schema/',
  before: [],
  methods: {},
  otherwise: async (ctx) => (await load())(ctx),
}
