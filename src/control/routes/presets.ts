import type { FastifyInstance } from 'fastify'
import * as Type from 'typebox'
import type { RequestContext } from '../../authentik/context.js'
import { PRESET_NAMES, PRESETS, type PresetName } from '../faults/presets.js'
import { contextOf, lookingFor } from '../look.js'
import { Preset } from '../look-bodies.js'
import { answers } from './route-schemas.js'

const ANY_PATH = '/api/v3/oauth2/refresh_tokens/'

/** The presets of faults by name, and what they send. */
export function presetRoutes(app: FastifyInstance): void {
  app.get(
    '/_mock/presets',
    {
      schema: {
        summary: 'The presets of faults, and what each sends at the release of this world',
        response: answers({ 200: { description: 'the presets', schema: Type.Array(Preset) } }),
      },
    },
    (request) => {
      const looking = lookingFor(request)
      return PRESET_NAMES.map((name) =>
        stateOf(name, contextOf(looking, PRESETS[name].only?.path ?? ANY_PATH), looking.world.release.jsonType),
      )
    },
  )
}

function stateOf(name: PresetName, ctx: RequestContext, jsonType: string): Preset {
  const { help, after = false, delay = 0, connection = null, only, answer } = PRESETS[name]
  const { status, contentType = jsonType, headers = {}, body } = answer?.(ctx) ?? { status: 0 }
  return {
    name,
    help,
    after,
    delay,
    connection,
    path: only?.path ?? null,
    grant: only?.grant ?? null,
    answer:
      answer === undefined
        ? null
        : { status, content_type: contentType, headers: { ...headers }, body: body?.plain.toString('utf8') ?? '' },
  }
}
