import { tokenShown } from '../../authentik/bearer-auth.js'
import type { RequestContext } from '../../authentik/context.js'
import { isSecretName } from '../../server/masking/secret-names.js'
import type { Masks } from '../../server/masking.js'
import { quote } from '../../world/load/mistakes.js'
import type { Wanted } from '../../world/stubs/seed.js'
import type { StubSeed } from '../bodies.js'
import { globOf } from '../glob.js'

/** What of a request a stub is not for. Nothing: it is for it. */

const NAME = /^\{([A-Za-z_]\w*)\}$/
const MAX_DEPTH = 100

/** A stub that is ready to be held against requests. */
export interface Matcher {
  /**
   * @param body the JSON that the client sent; undefined: none
   * @param most how many are of interest
   * @param mask leaves out of a text what is secret
   */
  differences(ctx: RequestContext, body: unknown, most: number, mask: Masks['mask']): string[]
  hasPath(path: string): boolean
  /** The values of the names in its path. */
  namesIn(path: string): Record<string, string>
}

export function matcherOf(seed: StubSeed): Matcher {
  const segments = seed.path.split('/')
  const names = segments.flatMap((segment, at) => {
    const name = NAME.exec(segment)?.[1]
    return name === undefined ? [] : [{ name, at }]
  })
  const glob = globOf(segments.map((segment) => (NAME.test(segment) ? '*' : segment)).join('/'))
  const hasPath = (path: string) => {
    if (!glob(path)) return false
    if (names.length === 0) return true
    const parts = path.split('/')
    return names.every(({ at }) => (parts[at] ?? '') !== '')
  }
  return {
    hasPath,
    namesIn(path) {
      const parts = path.split('/')
      return Object.fromEntries(names.map(({ name, at }) => [name, parts[at] ?? '']))
    },
    differences(ctx, body, most, mask) {
      const found: string[] = []
      const say = (what: string, has: unknown, wants: unknown) =>
        found.push(`${what} is ${show(typeof has === 'string' ? mask(has) : has)}, not ${show(wants)}`)
      if (!hasPath(ctx.path)) {
        if (hasPath(`${ctx.path}/`)) found.push('path has no slash at its end')
        else if (hasPath(ctx.path.replace(/\/$/, ''))) found.push('path has a slash at its end')
        else say('path', ctx.path, seed.path)
      }
      if (seed.method !== undefined && seed.method.toUpperCase() !== ctx.method)
        say('method', ctx.method, seed.method.toUpperCase())
      for (const [name, wanted] of Object.entries(seed.query ?? {})) {
        if (found.length >= most) break
        const values = [ctx.query[name] ?? []].flat()
        if (isMet(values, wanted)) continue
        if (isSecretName(name)) found.push(isOther(`query.${name}`, values))
        else say(`query.${name}`, shownOf(values), wantedText(wanted))
      }
      for (const [name, wanted] of Object.entries(seed.request_headers ?? {})) {
        if (found.length >= most) break
        const values = [ctx.request.headers[name.toLowerCase()] ?? []].flat()
        // What a header holds may be a secret.
        if (!isMet(values, wanted)) found.push(isOther(`request_headers.${name}`, values))
      }
      if (seed.as !== undefined) {
        const name = tokenShown(ctx)?.name
        if (name !== seed.as) say('as', name, seed.as)
      }
      if (seed.request_body !== undefined && found.length < most) {
        const path = differsAt(body, seed.request_body, 'request_body', 0)
        if (path !== undefined) found.push(`${path} is another one`)
      }
      return found
    },
  }
}

function isMet(values: string[], wanted: Wanted): boolean {
  if (Array.isArray(wanted)) return values.length === wanted.length && values.every((value, i) => value === wanted[i])
  if (typeof wanted === 'object') return values.length > 0 === wanted.present
  return values.at(-1) === String(wanted)
}

function isOther(what: string, values: string[]): string {
  return `${what} is ${values.length === 0 ? 'not there' : 'another one'}`
}

function shownOf(values: string[]): string | undefined {
  return values.length > 1 ? values.join(', ') : values[0]
}

function wantedText(wanted: Wanted): unknown {
  if (Array.isArray(wanted)) return wanted.join(', ')
  return typeof wanted === 'object' ? (wanted.present ? 'anything' : undefined) : String(wanted)
}

function show(value: unknown): string {
  return value === undefined ? 'not there' : quote(value)
}

/** Where a value lacks something of what is wanted of it. Lists must be as long. Undefined: nowhere. */
function differsAt(has: unknown, wanted: unknown, path: string, depth: number): string | undefined {
  if (depth > MAX_DEPTH) return path
  if (wanted === null || typeof wanted !== 'object') return has === wanted ? undefined : path
  if (has === null || typeof has !== 'object' || Array.isArray(has) !== Array.isArray(wanted)) return path
  if (Array.isArray(wanted) && (has as unknown[]).length !== wanted.length) return path
  for (const [name, one] of Object.entries(wanted)) {
    if (!Object.hasOwn(has, name)) return `${path}.${name}`
    const inner = differsAt((has as Record<string, unknown>)[name], one, `${path}.${name}`, depth + 1)
    if (inner !== undefined) return inner
  }
  return undefined
}
