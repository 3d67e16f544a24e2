import type { RequestContext } from '../../authentik/context.js'
import { isKnownPath } from '../../authentik/paths-not-served.js'
import type { Release } from '../../authentik/releases.js'
import type { Resource } from '../../authentik/resource.js'
import { operationOf, type View } from '../../authentik/view.js'
import { parseInteger } from '../../python/integer.js'
import { RESOURCE_VIEWS } from '../../routes/resources.js'
import { lacksSlash } from '../../routes/views.js'
import { type Add, type Findings, NOTHING, withFinding } from './findings.js'
import { inspectOAuth } from './oauth.js'
import { SMALL_PAGES } from './rules.js'

/** Holds one request against the contract of its release. The answer is not changed by it. */

const API = '/api/v3/'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const INTEGER = /^-?(?:0|[1-9]\d*)$/
const CREDENTIAL = /token|secret|password|^key$|api_?key|^auth/i
/** Read by authentik, though no contract says so. */
const UNDOCUMENTED = ['format', 'include_groups']

/** @param status that of authentik's own answer; null: there was none, or something else in its place */
export function inspect(ctx: RequestContext, status: number | null): Findings {
  let findings = NOTHING
  const add: Add = (rule, found) => {
    findings = withFinding(findings, rule, found)
  }
  const view = RESOURCE_VIEWS.find((one) => one === ctx.view)
  if (ctx.path.startsWith('/application/o/')) inspectOAuth(ctx, status, add)
  if (ctx.view === undefined) inspectPath(ctx, status, add)
  else if (view !== undefined) {
    inspectMethod(ctx, view, status, add)
    inspectId(ctx, view, add)
    if (ctx.queryText !== '') inspectQuery(ctx, view, status, add)
  }
  return findings
}

/** A path that is not served, and that something was put in the place of, is no offence of the client. */
function inspectPath(ctx: RequestContext, status: number | null, add: Add): void {
  const { path, isServed } = ctx
  if (isServed) return
  if (lacksSlash(path)) add('missing-slash', path)
  else if (status !== null && (path.startsWith(API) || isKnownPath(ctx))) add('unserved-path', path)
}

function inspectMethod({ method, path }: RequestContext, view: View, status: number | null, add: Add): void {
  if (SAFE.has(method) || operationOf(view, method) !== undefined) return
  if (view.allowed?.includes(method)) {
    if (status !== null) add('unserved-path', `${method} ${path}`)
    return
  }
  const isCollection = view.methods['DELETE'] === undefined && !view.url.includes(':')
  add(method === 'DELETE' && isCollection ? 'delete-collection' : 'no-such-operation', `${method} ${view.route}`)
}

function inspectId({ params: { id } }: RequestContext, view: View, add: Add): void {
  const { type } = (view.methods['GET']?.schema?.params?.properties['id'] ?? {}) as { type?: string }
  if (id !== undefined && type === 'integer' && !INTEGER.test(id))
    add(parseInteger(id) === undefined ? 'id-for-pk' : 'forbidden-value', id)
}

function inspectQuery({ database, release, query }: RequestContext, view: View, status: number | null, add: Add): void {
  const known: Record<string, { type?: string }> = view.methods['GET']?.schema?.querystring?.properties ?? {}
  for (const [name, given = ''] of Object.entries(query)) {
    const values = Array.isArray(given) ? given : [given]
    const value = values.at(-1) ?? ''
    const isCredential = CREDENTIAL.test(name) || database.tokens.find('key', value) !== undefined
    if (isCredential) add('token-in-query', name)
    else if (name === 'id' || name === 'pk') add('id-for-pk', `?${name}=`)
    else if (!Object.hasOwn(known, name) || release.absentParameters.includes(name)) inspectUnknown(name, release, add)
    else if (name === 'ordering') inspectOrdering(value, view.resource, add)
    else inspectValue(name, value, known[name] ?? {}, status, add)
    if (values.length > 1 && known[name]?.type !== 'array') add('repeated-parameter', name)
  }
}

function inspectUnknown(name: string, { includeRoles }: Release, add: Add): void {
  if (UNDOCUMENTED.includes(name) || (name === 'include_roles' && includeRoles)) return
  add('unknown-parameter', name)
}

function inspectValue(name: string, value: string, { type }: { type?: string }, status: number | null, add: Add): void {
  if (type !== 'integer') return
  if (!INTEGER.test(value) || (name === 'page_size' && Number(value) < 1)) {
    if (isTaken(status)) add('forbidden-value', `${name}=${value}`)
  } else if (name === 'page_size' && Number(value) > SMALL_PAGES.maxPageSize) add('large-page', `page_size=${value}`)
}

function inspectOrdering(value: string, resource: Resource | undefined, add: Add): void {
  if (resource === undefined) return
  for (const written of value.split(',')) {
    const term = written.trim()
    if (!resource.ordering.terms.includes(term.replace(/^-/, ''))) add('unknown-ordering', `ordering=${term}`)
  }
}

function isTaken(status: number | null): boolean {
  return status !== null && status < 400
}
