import { partOfApplication } from '../../capture/applications.js'
import { createRemarks } from '../../capture/remarks.js'
import type { Seeds } from '../../index.js'
import type { RefreshTokenBody } from '../../routes/api/v3/oauth2/refresh_tokens/body-schemas.js'
import { findOutRelease } from '../../upstream/detect-release.js'
import { UpstreamError } from '../../upstream/error.js'
import { type NeighbourBody, type Neighbours, readNeighbours } from '../../upstream/read-neighbours.js'
import { type RowRead, type RowsRead, readRows } from '../../upstream/read-rows.js'
import { whyNoFixture } from '../../upstream/renamed.js'
import { type Client, createClient } from '../../upstream/upstream-client.js'
import type { WireAnswer } from '../../upstream/wire.js'
import { type Caller, findOutCaller, startTwin } from '../../verify/caller.js'
import { neighbourProbes } from '../../verify/neighbour-probes.js'
import { notesOf } from '../../verify/notes.js'
import type { Probe } from '../../verify/probe.js'
import { deletion, probesFor } from '../../verify/probes.js'
import { FORMATS } from '../../verify/verdict.js'
import { compareAll } from '../../verify/verify.js'
import { parseJson } from '../../world/load/json-text.js'
import type { VerifyOptions } from '../options.js'
import { INSECURE, type Talk } from '../talk.js'
import { UsageError } from '../usage-error.js'

const PAGE_SIZE = 100

/**
 * Holds the mock against a real authentik. Returns the report, and whether all of it agrees.
 *
 * @throws UsageError, UpstreamError, UnreachableError, FixtureError
 */
export async function verify(
  options: VerifyOptions,
  { tell, progress }: Talk,
): Promise<{ text: string; agrees: boolean }> {
  const { token, allowDelete, format, insecure } = options
  if (insecure) tell(INSECURE)
  const client = await createClient(options)
  const read = await readAll(client, options)
  const rows = read.rows.map(({ body }) => body)
  if (allowDelete !== undefined && !rows.some(({ pk }) => pk === allowDelete))
    throw new UsageError(`--allow-delete: found ${allowDelete}; allowed: the primary key of a row that the token sees`)
  const found = options.release
    ? { release: options.release, how: 'as --release says' }
    : await findOutRelease(client, read.first, rows[0])
  const caller = await findOutCaller(client, rows)
  const { with: asked = [] } = options
  const notRead: string[] = []
  if (asked.length > 0 && !caller.superuser)
    notRead.push(`not compared: ${asked.join(', ')}, of which only a superuser sees all`)
  const wanted = { with: caller.superuser ? asked : [], pageSize: PAGE_SIZE }
  const neighbours = await readNeighbours(client, wanted, (why) => notRead.push(`not compared: ${why}`))
  const known = exactly(read.rows)
  const allowed = asAllowed(caller, allowDelete)
  const seeds = seedsOf(neighbours, known)
  await using mock = await startTwin(known, found.release.name, token, allowed, seeds).catch((error) => {
    throw whyNoFixture(error, client.url, read.rows, neighbours)
  })
  await mock.clock.set(dateOf(read.first, client.url))
  const probes = chosen([...probesFor(rows, token), ...neighbourProbes(neighbours)], options.only)
  if (allowDelete !== undefined) probes.push(...deletion(allowDelete))
  const run = await compareAll(probes, rows, client, mock, progress)
  const after = await readAll(client, options)
  const agrees = run.compared.every(({ differences }) => differences.length === 0)
  const verdict = {
    target: client.url,
    release: found.release.name,
    how: found.how,
    evidence: found.release.evidence,
    rows: rows.length,
    caller: caller.superuser ? 'a superuser' : `no superuser; may ${caller.permissions.join(', ') || 'nothing more'}`,
    verdict: agrees ? ('agree' as const) : ('differ' as const),
    ...run,
    notes: [...notRead, ...notesOf(run, read, after, allowDelete)],
  }
  return { text: FORMATS[format](verdict), agrees }
}

/** The rows with all digits of their integers. */
function exactly(rows: RowRead[]): RefreshTokenBody[] {
  return rows.map(({ text }) => parseJson(text, 'rows') as RefreshTokenBody)
}

/** The neighbours as sections of a fixture. */
function seedsOf(neighbours: Neighbours, rows: RefreshTokenBody[]): Seeds {
  const read = Object.entries(neighbours).map(([section, found]) => [
    section,
    found.map(({ text }) => parseJson(text, section)),
  ])
  const { applications, ...beside } = Object.fromEntries(read) as { [section: string]: NeighbourBody[] }
  const providers = new Set([
    ...rows.map(({ provider }) => provider.pk),
    ...(beside['providers'] ?? []).map(({ pk }) => pk),
  ])
  const remarks = createRemarks()
  const parts = applications?.map((body) => partOfApplication(body, providers, remarks))
  return { ...beside, ...(parts && { applications: parts }) } as Seeds
}

/** @throws UsageError for a class that there is not */
function chosen(probes: Probe[], only: string[]): Probe[] {
  const classOf = ({ name }: Probe) => name.split('/')[0] ?? ''
  const classes = [...new Set(probes.map(classOf))]
  const unknown = only.find((name) => !classes.includes(name))
  if (unknown !== undefined) throw new UsageError(`--only: found ${unknown}; allowed: ${classes.join(', ')}`)
  return only.length === 0 ? probes : probes.filter((probe) => only.includes(classOf(probe)))
}

async function readAll(client: Client, { limit }: VerifyOptions): Promise<RowsRead> {
  const read = await readRows(client, { pageSize: Math.min(PAGE_SIZE, limit), limit, areTaken: true }, () => {})
  if (read.count <= limit) return read
  throw new UpstreamError(`--limit: found ${limit}, but ${client.url} has ${read.count} rows; allowed: as many or more`)
}

/** The time by the target's own clock. */
function dateOf({ headers }: WireAnswer, url: string): string {
  const date = new Date(String(headers['date']))
  const year = date.getUTCFullYear()
  if (year >= 1 && year <= 9999) return date.toISOString()
  throw new UpstreamError(`--target: found ${url}, whose answers have no Date; allowed: an authentik`)
}

/** Whether the caller may delete is seen only when it is tried. */
function asAllowed(caller: Caller, allowDelete: number | undefined): Caller {
  if (allowDelete === undefined) return caller
  return { ...caller, permissions: [...caller.permissions, 'delete_refreshtoken'] }
}
