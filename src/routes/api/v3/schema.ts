import type { View } from '../../../authentik/view.js'

/** /api/v3/schema/: the OpenAPI document, for everybody. Few ask for it, so it is loaded by the first who does. */
export const schemaView: View = {
  route: 'schema',
  url: '/api/v3/schema/',
  before: [],
  methods: {},
  otherwise: async (ctx) => {
    const { answerSchema } = await import('./document.js')
    return answerSchema(ctx)
  },
}
