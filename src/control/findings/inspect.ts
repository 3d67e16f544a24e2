import type { RequestContext } from '../../authentik/context.js'
import { readOrdering } from '../../authentik/ordering.js'
import type { Release } from '../../authentik/releases.js'
import type { Resource } from '../../authentik/resource.js'
import { operationOf, type View } from '../../authentik/view.js'
import { RESOURCE_VIEWS } from '../../routes/resources.js'
import { type Found, SMALL_PAGES } from './rules.js'

/** Holds one request against the contract of its release. The answer is not changed by it. */

const API = '/api/v3/'
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const INTEGER = /^-?(?:0|[1-9]\d*)$/
const CREDENTIAL = /token|secret|password|^key$|api_?key|^auth/i
/** Read by authentik, though no contract says so. */
const UNDOCUMENTED = ['format', 'include_groups']

/** The paths of the views. */
const PATTERNS = RESOURCE_VIEWS.map(({ url }) => new RegExp(`^${url.replace(/:\w+\([^)]*\)/g, '[^/.]+')}$`))

/** @param status null: the connection was dropped */
export function inspect(ctx: RequestContext, status: number | null): Found[] {
  const { view } = ctx
  if (view === undefined) return inspectPath(ctx)
  if (!RESOURCE_VIEWS.includes(view)) return []
  const found = [...inspectMethod(ctx, view), ...inspectId(ctx, status)]
  if (ctx.queryText !== '') found.push(...inspectQuery(ctx, view, status))
  return found
}

function inspectPath({ path }: RequestContext): Found[] {
  if (PATTERNS.some((pattern) => pattern.test(`${path}/`))) return [{ rule: 'missing-slash', found: path }]
  return path.startsWith(API) && path !== API ? [{ rule: 'unserved-path', found: path }] : []
}

function inspectMethod({ method }: RequestContext, view: View): Found[] {
  if (SAFE.has(method) || operationOf(view, method) !== undefined) return []
  const rule =
    method === 'DELETE' && view.methods['DELETE'] === undefined && !view.url.includes(':')
      ? 'delete-collection'
      : 'no-such-operation'
  return [{ rule, found: `${method} ${view.route}` }]
}

function inspectId({ params: { id } }: RequestContext, status: number | null): Found[] {
  if (id === undefined || INTEGER.test(id)) return []
  return [{ rule: isTaken(status) ? 'forbidden-value' : 'id-for-pk', found: id }]
}

function inspectQuery({ database, release, query }: RequestContext, view: View, status: number | null): Found[] {
  const known = { ...view.methods['GET']?.schema?.querystring?.properties } as Record<string, { type?: string }>
  const found: Found[] = []
  for (const [name, given = ''] of Object.entries(query)) {
    const values = [given].flat()
    const value = values.at(-1) ?? ''
    const isCredential = CREDENTIAL.test(name) || database.tokens.find('key', value) !== undefined
    if (isCredential) found.push({ rule: 'token-in-query', found: name })
    else if (name === 'id' || name === 'pk') found.push({ rule: 'id-for-pk', found: `?${name}=` })
    else if (!Object.hasOwn(known, name)) found.push(...inspectUnknown(name, release))
    else if (name === 'ordering') found.push(...inspectOrdering(value, view.resource))
    else found.push(...inspectValue(name, value, known[name] ?? {}, status))
    if (values.length > 1) found.push({ rule: 'repeated-parameter', found: name })
  }
  return found
}

function inspectUnknown(name: string, { includeRoles }: Release): Found[] {
  if (UNDOCUMENTED.includes(name) || (name === 'include_roles' && includeRoles)) return []
  return [{ rule: 'unknown-parameter', found: name }]
}

function inspectValue(name: string, value: string, { type }: { type?: string }, status: number | null): Found[] {
  if (type !== 'integer') return []
  if (!INTEGER.test(value) || (name === 'page_size' && Number(value) < 1))
    return isTaken(status) ? [{ rule: 'forbidden-value', found: `${name}=${value}` }] : []
  if (name === 'page_size' && Number(value) > SMALL_PAGES.maxPageSize)
    return [{ rule: 'large-page', found: `page_size=${value}` }]
  return []
}

function inspectOrdering(value: string, resource: Resource | undefined): Found[] {
  if (resource === undefined) return []
  const terms = value.split(',').map((term) => term.trim())
  const isKnown = (term: string) => readOrdering(term, resource).length === 1 && term !== ''
  return terms.filter((term) => !isKnown(term)).map((term) => ({ rule: 'unknown-ordering', found: `ordering=${term}` }))
}

function isTaken(status: number | null): boolean {
  return status !== null && status < 400
}
