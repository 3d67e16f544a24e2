import { randomBytes } from 'node:crypto'
import { partOfApplication } from '../../capture/applications.js'
import { loadFakeData } from '../../capture/fake-data.js'
import { fixtureText } from '../../capture/fixture-text.js'
import { createRemarks, type Remarks } from '../../capture/remarks.js'
import { type Checked, checkRows } from '../../capture/round-trip.js'
import { type Scrubbed, scrub } from '../../capture/scrub.js'
import { findOutRelease } from '../../upstream/detect-release.js'
import { type NeighbourBody, type Neighbours, readNeighbours } from '../../upstream/read-neighbours.js'
import { type RowRead, readRows } from '../../upstream/read-rows.js'
import { renamedAmid, whyNoFixture } from '../../upstream/renamed.js'
import { type Client, createClient } from '../../upstream/upstream-client.js'
import type { CaptureOptions } from '../options.js'
import { INSECURE, type Talk } from '../talk.js'
import { checkWritable, notWritable, notWritten, writeWhole } from '../whole-file.js'

const SHOWN = 5
const ONLY_MINE = 0o600

/**
 * Reads the rows of a real authentik. Returns the fixture where it shall not be written to a file.
 *
 * @throws UpstreamError, UnreachableError, FixtureError, and UsageError or OutputError for a file that cannot be written
 */
export async function capture(options: CaptureOptions, { tell, progress }: Talk): Promise<string> {
  const { out, noScrub, insecure } = options
  if (insecure) tell(INSECURE)
  if (out !== undefined)
    await checkWritable(out).catch((error) => {
      throw notWritable('--out', out, error)
    })
  const client = await createClient(options)
  const { rows, count, changed, first } = await readRows(client, options, progress)
  const { release, how } = await findOutRelease(client, first, rows[0]?.body)
  tell(`read ${rows.length} of ${count} refresh tokens of ${client.url}: authentik ${release.name}, ${how}`)
  if (changed !== undefined) tell(`warning: ${changed}; capture again to be sure`)

  const remarks = createRemarks()
  const beside = await neighboursOf(client, options, rows, remarks, tell)
  const renamed = renamedAmid(rows, beside)
  if (renamed !== undefined) tell(`warning: ${renamed}; capture again to be sure`)
  const { texts, neighbours } = noScrub
    ? asTheyAre(rows, beside)
    : await scrubbed(client, rows, beside, options, remarks, tell)
  if (noScrub)
    tell('warning: --no-scrub: client secrets, e-mail addresses, names, attributes and id_tokens are in it as they are')
  const checked = await checkRows(texts, release, out ?? 'captured rows', neighbours).catch((error) => {
    throw whyNoFixture(error, client.url, rows, beside)
  })
  for (const warning of checked.warnings) tell(`warning: ${warning}`)
  for (const line of comesBack(checked, rows.length, release.name)) tell(line)
  for (const remark of [...checked.differences, ...remarks.sentences()]) tell(`warning: ${remark}`)
  const text = fixtureText({ ...neighbours, refresh_tokens: texts })
  if (out === undefined) return text
  await writeWhole(out, text, ONLY_MINE).catch((error) => {
    throw notWritten('--out', out, error)
  })
  tell(`written to ${out}`)
  return ''
}

/** Reads what `--with` names, as much of it as the token may see. */
async function neighboursOf(
  client: Client,
  { with: sections, pageSize }: CaptureOptions,
  rows: RowRead[],
  remarks: Remarks,
  tell: Talk['tell'],
): Promise<Neighbours> {
  if (sections === undefined) return {}
  const refused = (why: string) => tell(`warning: ${why}; they are left out`)
  const beside = await readNeighbours(client, { with: sections, pageSize }, refused)
  for (const [section, found] of Object.entries(beside)) tell(`read ${found.length} ${section}`)
  const providers = new Set(
    [...rows.map(({ body }) => body.provider), ...(beside.providers ?? []).map(({ body }) => body)].map(({ pk }) => pk),
  )
  const applications = beside.applications?.map(({ body }) => {
    const part = partOfApplication(body, providers, remarks)
    return { body: part, text: JSON.stringify(part) }
  })
  return { ...beside, ...(applications && { applications }) }
}

function asTheyAre(rows: RowRead[], beside: Neighbours): Pick<Scrubbed, 'texts' | 'neighbours'> {
  return {
    texts: rows.map(({ text }) => text),
    neighbours: mapSections(beside, (found) => found.map(({ text }) => text)),
  }
}

function mapSections<V>(beside: Neighbours, map: (rows: RowRead<NeighbourBody>[]) => V): { [section: string]: V } {
  return Object.fromEntries(Object.entries(beside).map(([section, rows]) => [section, map(rows)]))
}

async function scrubbed(
  { checkTime }: Client,
  rows: RowRead[],
  beside: Neighbours,
  { salt }: CaptureOptions,
  remarks: Remarks,
  tell: Talk['tell'],
): Promise<Scrubbed> {
  const fakeData = await loadFakeData(salt ?? randomBytes(32).toString('hex'), checkTime)
  const bodies = rows.map(({ body }) => body)
  const besides = mapSections(beside, (found) => found.map(({ body }) => body))
  const done = scrub(bodies, fakeData, besides)
  for (const remark of done.remarks) remarks.add(remark)
  tell(`replaced: ${done.replaced}`)
  tell(`kept: ${done.kept}`)
  return done
}

function comesBack({ differing, neighbours }: Checked, count: number, release: string): string[] {
  const all = [...neighbours, { section: 'rows', differing, count }]
  const odd = all.filter(({ differing }) => differing.length > 0)
  if (odd.length === 0) return [`with --release ${release}, all of it comes back byte for byte`]
  return odd.map(({ section, differing, count }) => {
    const shown = `${differing.slice(0, SHOWN).join(', ')}${differing.length > SHOWN ? ' …' : ''}`
    return `warning: with --release ${release}, ${differing.length} of ${count} ${section} come back otherwise than they are in the file: ${shown}`
  })
}
