import { stringify } from 'yaml'
import { type Answer, bodyOf } from '../../authentik/answer.js'
import { methodNotAllowed, notAcceptable, notFound } from '../../authentik/errors.js'
import { negotiate, type Renderer } from '../../authentik/negotiation.js'
import { openApiDocument } from '../../authentik/openapi.js'
import type { Release } from '../../authentik/releases.js'
import type { Visit } from '../../authentik/visit.js'
import { nearestMoment } from '../../world/instant.js'
import { VIEWS } from '../views.js'

/** GET, HEAD and OPTIONS /api/v3/schema/: the OpenAPI document, for everybody. */

const YAML = 'application/vnd.oai.openapi'
const JSON_TYPE = 'application/vnd.oai.openapi+json'

/** As drf-spectacular has them. The first is for whoever asks for nothing, and for refusals of what is asked for. */
const RENDERERS = [
  { type: YAML, format: 'yaml' },
  { type: 'application/yaml', format: 'yaml' },
  { type: JSON_TYPE, format: 'json' },
  { type: 'application/json', format: 'json' },
] as const satisfies Renderer[]

export type Format = 'yaml' | 'json'

const METADATA = {
  name: 'Spectacular Api',
  description: `OpenApi3 schema for this API. Format can be selected via content negotiation.\n\n- YAML: ${YAML}\n- JSON: ${JSON_TYPE}`,
  renders: RENDERERS.map(({ type }) => type),
  parses: ['application/json'],
}
const MAX_AGE_SECONDS = 86_400

export function answerSchema(visit: Visit): Answer {
  visit.route = 'schema'
  const renderer = negotiate(visit, [...RENDERERS])
  if (renderer === 'no such format') return refused(visit, notFound(visit), 'not_found')
  if (renderer === 'not acceptable') return refused(visit, notAcceptable(visit), 'not_acceptable')
  switch (visit.method) {
    case 'GET':
    case 'HEAD':
      return {
        ...rendered(visit, 200, openApiDocument(VIEWS, visit.release), renderer),
        headers: {
          'Cache-Control': `max-age=${MAX_AGE_SECONDS}`,
          'Content-Disposition': `inline; filename="authentik.${renderer.format}"`,
          Expires: new Date(nearestMoment(visit.world.clock.now() + MAX_AGE_SECONDS * 1e6) / 1e3).toUTCString(),
        },
      }
    case 'OPTIONS':
      return rendered(visit, 200, METADATA, renderer)
    default:
      return refused(visit, methodNotAllowed(visit), 'method_not_allowed', renderer)
  }
}

/** What is refused is worded as everywhere, and in YAML says its code beside. */
function refused(visit: Visit, { status, body }: Answer, code: string, renderer: Renderer = RENDERERS[0]): Answer {
  const { detail } = JSON.parse(String(body?.plain))
  return rendered(visit, status, { detail: renderer.format === 'yaml' ? { string: detail, code } : detail }, renderer)
}

function rendered({ release }: Visit, status: number, what: object, { type, format }: Renderer): Answer {
  return {
    status,
    body: bodyOf(openApiText(what, format as Format)),
    contentType: format === 'yaml' ? `${type}; charset=utf-8` : type,
    allow: 'GET, HEAD, OPTIONS',
    vary: release.languages ? 'Accept, Accept-Language, Cookie' : 'Accept, Cookie',
  }
}

/** The document of a release, as authentik prints it. */
export function documentText(release: Release, format: Format): string {
  return openApiText(openApiDocument(VIEWS, release), format)
}

function openApiText(document: object, format: Format): string {
  if (format === 'json') return JSON.stringify(document, null, 4)
  return stringify(document, { indentSeq: false, singleQuote: true, aliasDuplicateObjects: false })
}
