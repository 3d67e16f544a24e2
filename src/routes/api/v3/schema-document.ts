import { stringify } from 'yaml'
import { type Answer, bodyOf } from '../../../authentik/answer.js'
import type { RequestContext } from '../../../authentik/context.js'
import { methodNotAllowed, notAcceptable, notFound } from '../../../authentik/errors.js'
import { negotiate, type Renderer } from '../../../authentik/negotiation.js'
import { openApiDocument } from '../../../authentik/openapi.js'
import type { Release } from '../../../authentik/releases.js'
import { nearestMoment } from '../../../world/instant.js'
import { RESOURCE_VIEWS } from '../../resources.js'

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

export function answerSchema(ctx: RequestContext): Answer {
  const renderer = negotiate(ctx, [...RENDERERS])
  if (renderer === 'no such format') return refused(ctx, notFound(ctx), 'not_found')
  if (renderer === 'not acceptable') return refused(ctx, notAcceptable(ctx), 'not_acceptable')
  switch (ctx.method) {
    case 'GET':
    case 'HEAD':
      return {
        ...rendered(ctx, 200, openApiDocument(RESOURCE_VIEWS, ctx.release), renderer),
        headers: {
          'Cache-Control': `max-age=${MAX_AGE_SECONDS}`,
          'Content-Disposition': `inline; filename="authentik.${renderer.format}"`,
          Expires: new Date(nearestMoment(ctx.database.clock.now() + MAX_AGE_SECONDS * 1e6) / 1e3).toUTCString(),
        },
      }
    case 'OPTIONS':
      return rendered(ctx, 200, METADATA, renderer)
    default:
      return refused(ctx, methodNotAllowed(ctx), 'method_not_allowed', renderer)
  }
}

/** What is refused is worded as everywhere, and in YAML says its code beside. */
function refused(
  ctx: RequestContext,
  { status, body }: Answer,
  code: string,
  renderer: Renderer = RENDERERS[0],
): Answer {
  const { detail } = JSON.parse(String(body?.plain))
  return rendered(ctx, status, { detail: renderer.format === 'yaml' ? { string: detail, code } : detail }, renderer)
}

function rendered({ release }: RequestContext, status: number, what: object, { type, format }: Renderer): Answer {
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
  return openApiText(openApiDocument(RESOURCE_VIEWS, release), format)
}

function openApiText(document: object, format: Format): string {
  if (format === 'json') return JSON.stringify(document, null, 4)
  return stringify(document, { indentSeq: false, singleQuote: true, aliasDuplicateObjects: false })
}
