import type { TSchema } from 'typebox'
import type { Release } from './releases.js'
import { documentedOperations, documentedPath, type Operation, restsOnRecordings, type View } from './view.js'
import { ErrorDetail, ValidationError } from './wire-types.js'

/**
 * authentik's OpenAPI document, written from the schemas of the routes in the manner of OpenAPI 3.0: named objects and
 * lists of values are components, null is a keyword, and limits that only this mock knows are left out.
 */
export interface OpenApiDocument {
  openapi: string
  info: { title: string; version: string; description: string }
  servers: { url: string }[]
  paths: Record<string, Record<string, unknown>>
  components: Record<string, Record<string, unknown>>
}

/** A JSON Schema, with what the document says beyond it or against it. */
interface Schema {
  openapi?: { component?: string; required?: false; [keyword: string]: unknown }
  description?: string
  anyOf?: Schema[]
  type?: string
  enum?: string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: unknown
  [keyword: string]: unknown
}

const PREFIX = '/api/v3'
const TAG = /^\/api\/v3\/([^/]+)\//
/** What the document says of a value, beside its shape. */
const KEYWORDS = ['type', 'format', 'title', 'maxLength', 'readOnly', 'enum']
const REFUSALS = {
  400: ['ValidationErrorResponse', ValidationError],
  403: ['GenericErrorResponse', ErrorDetail],
} as const

export function openApiDocument(views: View[], release: Release): OpenApiDocument {
  const { basePath, sharesComponents, securitySchemes } = release.document
  const components: OpenApiDocument['components'] = { schemas: {}, parameters: {}, responses: {} }
  // What authentik's own document says of an object counts, where recordings alone speak of another use of it.
  for (const view of views) if (!restsOnRecordings(view)) operationsOf(view)
  const paths = Object.fromEntries(views.map((view) => [pathOf(view), operationsOf(view)]))
  components['securitySchemes'] = Object.fromEntries(
    Object.entries(securitySchemes).map(([name, scheme]) => [name, { type: 'http', scheme }]),
  )
  return {
    openapi: '3.0.3',
    info: { title: 'authentik', version: release.name, description: 'The part of the API that this mock serves.' },
    servers: [{ url: basePath }],
    paths,
    components: sorted(components),
  }

  function operationsOf(view: View) {
    return Object.fromEntries(
      documentedOperations(view).map(([method, operation]) => [method, operationOf(view, operation)]),
    )
  }

  function operationOf({ url }: View, { operationId, undocumented, schema = {} }: Operation) {
    const body = schema.response?.(release)
    return {
      operationId,
      ...(undocumented && { [`x-${release.neighbours}`]: true }),
      parameters: [...parametersOf(schema.params, 'path'), ...parametersOf(schema.querystring, 'query')],
      tags: [TAG.exec(url)?.[1]],
      ...(schema.body && { requestBody: contentsOf(schema.body) }),
      security: [{ authentik: [] }],
      responses: { ...(body === undefined ? { 204: { description: '' } } : { 200: contentOf(body) }), ...refusals() },
    }
  }

  function refusals() {
    return Object.fromEntries(
      Object.entries(REFUSALS).map(([status, [name, schema]]) => [
        status,
        sharesComponents ? shared('responses', name, contentOf(schema)) : contentOf(schema),
      ]),
    )
  }

  function parametersOf(schema: TSchema | undefined, place: 'path' | 'query') {
    const { properties = {} } = (schema ?? {}) as Schema
    const known = Object.entries(properties).filter(([name]) => !release.absentParameters.includes(name))
    return known.map(([name, property]) => {
      const { component } = property.openapi ?? {}
      const parameter = { in: place, name, schema: described({ ...property, openapi: {} }) }
      if (component === undefined) return place === 'path' ? { ...parameter, required: true } : parameter
      return sharesComponents ? shared('parameters', component, parameter) : { ...parameter, required: false }
    })
  }

  function contentOf(schema: TSchema) {
    return { description: '', ...contentsOf(schema) }
  }

  function contentsOf(schema: TSchema) {
    return { content: { 'application/json': { schema: described(schema as Schema) } } }
  }

  function described(schema: Schema): Schema {
    const { component, required, ...said } = schema.openapi ?? {}
    const { description } = schema
    const whole = { ...shapeOf(schema), ...said }
    if (component === undefined) return whole
    const reference: Schema = shared('schemas', component, whole)
    return description === undefined ? reference : { allOf: [reference], description }
  }

  function shapeOf(schema: Schema): Schema {
    const { anyOf, items, properties = {}, additionalProperties } = schema
    if (anyOf !== undefined) return { ...described(anyOf[0] as Schema), nullable: true }
    const shape: Schema = Object.fromEntries(
      KEYWORDS.filter((keyword) => schema[keyword] !== undefined).map((keyword) => [keyword, schema[keyword]]),
    )
    if (schema.enum !== undefined) shape.type = 'string'
    if (items !== undefined) shape.items = described(items)
    if (Object.keys(properties).length > 0) Object.assign(shape, membersOf(schema))
    if (additionalProperties !== undefined && additionalProperties !== false) shape.additionalProperties = {}
    return shape
  }

  function membersOf({ properties = {}, required = [], openapi = {} }: Schema): object {
    const promised = required.filter((key) => !isUnpromised(properties[key] as Schema))
    const isSorted = !release.document.unsorted.includes(openapi.component ?? '')
    return {
      properties: Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, described(schema)])),
      ...(promised.length > 0 && { required: isSorted ? promised.sort() : promised }),
    }
  }

  function shared(kind: string, name: string, what: object): { $ref: string } {
    const named = components[kind] as Record<string, unknown>
    named[name] ??= what
    return { $ref: `#/components/${kind}/${name}` }
  }
}

/** By name, without kinds of which there are none. */
function sorted(components: OpenApiDocument['components']): OpenApiDocument['components'] {
  const kinds = Object.entries(components).map(([kind, named]) => [
    kind,
    Object.fromEntries(Object.entries(named).sort(([a], [b]) => (a < b ? -1 : 1))),
  ])
  return Object.fromEntries(kinds.filter(([, named]) => Object.keys(named as object).length > 0))
}

function pathOf(view: View): string {
  return documentedPath(view).slice(PREFIX.length)
}

function isUnpromised({ openapi, anyOf = [] }: Schema): boolean {
  return openapi?.required === false || anyOf.some(isUnpromised)
}
