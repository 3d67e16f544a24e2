import type { Mock } from '../control/client/client.js'
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
    compared.push({ ...described(probe), differences: differencesOf(probe, wanted, got, context) })
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

function differencesOf(probe: Probe, wanted: WireAnswer, got: WireAnswer, context: CompareContext): string[] {
  const now = Date.parse(String(wanted.headers['date'])) * 1e3
  const [a, b] = [wanted, got].map((answer) => {
    const comparable = withoutEdges(answer, probe, context, now)
    return probe.endsAnyhow ? withLength(comparable) : comparable
  }) as [Comparable, Comparable]
  return differences({ ...a, loose: isPage(wanted, probe) }, b, context)
}

type Comparable = Pick<WireAnswer, 'status' | 'headers' | 'body'>

/** A text for people; of HEAD, only its length is known. */
function isPage({ headers, body }: WireAnswer, { method }: Probe): boolean {
  const isEmpty = method === 'HEAD' ? headers['content-length'] === '0' : body === ''
  return String(headers['content-type']).startsWith('text/html') && !isEmpty
}

/** Leaves out what two clocks may say differently: whether a row has expired that expires just now. */
function withoutEdges({ status, headers, body }: WireAnswer, { method }: Probe, context: CompareContext, now: Micros) {
  const isEdge = (expires: string | null) => expires !== null && Math.abs(microsOf(expires) - now) < EDGE_US
  const rest = body.replace(EXPIRY, (text, expires) => (isEdge(expires) ? `"expires":"${expires}"` : text))
  const mayFlip = method === 'HEAD' && [...context.rows.values()].some(({ expires }) => isEdge(expires))
  const { 'content-length': length, ...others } = headers
  return { status, headers: rest === body && !mayFlip ? headers : others, body: rest }
}

/** An answer without a text ends with its only chunk or by its length: it is taken to be the latter. */
function withLength(answer: Comparable): Comparable {
  const { 'transfer-encoding': coding, ...headers } = answer.headers
  if (answer.body !== '' || coding !== 'chunked') return answer
  return { ...answer, headers: { ...headers, 'content-length': '0' } }
}
