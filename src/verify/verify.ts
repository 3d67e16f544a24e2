import type { Mock } from '../control/client.js'
import type { RefreshTokenBody } from '../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import type { Client } from '../upstream/upstream-client.js'
import { send, type WireAnswer } from '../upstream/wire.js'
import { type Micros, microsOf } from '../world/instant.js'
import { type CompareContext, differences } from './comparison.js'
import type { Probe } from './probe.js'

/** One request, and what the mock answers otherwise than the target. */
export interface Compared {
  name: string
  /** Method and path. */
  request: string
  as: 'caller' | 'unknown' | 'anonymous'
  differences: string[]
}

export interface Run {
  compared: Compared[]
  /** Headers of whatever stands before the target. */
  proxyHeaders: string[]
}

/** What the mock answers is as long as its rows are. */
const OUR_OWN = { limit: Number.POSITIVE_INFINITY }
const UNKNOWN_KEY = 'nobody-knows-this-token'
/** What proxies and providers add to every answer, and authentik never says. */
const PROXY_HEADERS =
  /^(?:server|via|alt-svc|strict-transport-security|nel|report-to|cf-.*|x-(?:cache|served-by|request-id|amz-.*))$/
/** Two clocks may differ by so much, as `Date` counts seconds. */
const EDGE_US = 5e6
const EXPIRY = /"is_expired":(?:true|false),"expires":"([^"]+)"/g

/** Sends both the same, one request after the other. */
export async function compareAll(
  probes: Probe[],
  rows: RefreshTokenBody[],
  client: Client,
  mock: Mock,
  progress: (done: number, of: number) => void,
): Promise<Run> {
  const byKey = new Map(rows.map((row) => [row.pk, row]))
  const proxyHeaders = new Set<string>()
  const compared: Compared[] = []
  for (const probe of probes) {
    // A proxy chooses by Host, so the target would not hear of it.
    if (probe.name.startsWith('host/') && proxyHeaders.size > 0) continue
    const request = withToken(probe, client)
    const [wanted, got] = await Promise.all([client.ask(request), send(mock.url, request, OUR_OWN)])
    for (const name of Object.keys(wanted.headers))
      if (PROXY_HEADERS.test(name) && got.headers[name] === undefined) proxyHeaders.add(name)
    const names = { got: 'mock', wanted: 'target' }
    const context = { path: probe.path, rows: byKey, names, ignored: proxyHeaders }
    compared.push({ ...described(probe), differences: differencesOf(wanted, got, context) })
    progress(compared.length, probes.length)
  }
  return { compared, proxyHeaders: [...proxyHeaders].sort() }
}

function withToken({ as, headers, ...request }: Probe, { authorization }: Client): Probe {
  const shown = as === undefined ? {} : as === 'unknown' ? { Authorization: `Bearer ${UNKNOWN_KEY}` } : authorization
  return { ...request, headers: { ...shown, ...headers } }
}

function described({ name, method = 'GET', path, as }: Probe): Omit<Compared, 'differences'> {
  return { name, request: `${method} ${path.length > 100 ? `${path.slice(0, 100)}…` : path}`, as: as ?? 'anonymous' }
}

function differencesOf(wanted: WireAnswer, got: WireAnswer, context: CompareContext): string[] {
  const loose = String(wanted.headers['content-type']).startsWith('text/html') && wanted.body !== ''
  const now = Date.parse(String(wanted.headers['date'])) * 1e3
  return differences({ ...withoutEdges(wanted, now), loose }, withoutEdges(got, now), context)
}

/** Leaves out what two clocks may say differently: whether a row has expired that expires just now. */
function withoutEdges({ status, headers, body }: WireAnswer, now: Micros) {
  const rest = body.replace(EXPIRY, (text, expires) =>
    Math.abs(microsOf(expires) - now) < EDGE_US ? `"expires":"${expires}"` : text,
  )
  const { 'content-length': length, ...others } = headers
  return { status, headers: rest === body ? headers : others, body: rest }
}
