import { randomBytes } from 'node:crypto'
import { loadFakeData } from '../../capture/fake-data.js'
import { checkRows } from '../../capture/round-trip.js'
import { type Scrubbed, scrub } from '../../capture/scrub.js'
import { type RowRead, readRows } from '../../upstream/read-rows.js'
import { findOutRelease } from '../../upstream/release.js'
import { createClient } from '../../upstream/upstream-client.js'
import type { CaptureOptions } from '../options.js'
import { checkWritable, writeError, writeWhole } from '../whole-file.js'
import { INSECURE, type Output } from './output.js'

const SHOWN = 5
const ONLY_MINE = 0o600

/**
 * Reads the rows of a real authentik. Returns the fixture where it shall not be written to a file.
 *
 * @throws UpstreamError, UnreachableError, FixtureError, and UsageError or OutputError for a file that cannot be written
 */
export async function capture(options: CaptureOptions, { tell, progress }: Output): Promise<string> {
  const { out, noScrub, insecure } = options
  if (insecure) tell(INSECURE)
  if (out !== undefined) await writingTo(out, checkWritable(out))
  const client = await createClient(options)
  const { rows, count, changed, first } = await readRows(client, options, progress)
  const { release, how } = await findOutRelease(client, first, rows[0]?.body)
  tell(`read ${rows.length} of ${count} refresh tokens of ${client.url}: authentik ${release.name}, ${how}`)
  if (changed !== undefined) tell(`warning: ${changed}; capture again to be sure`)

  const { texts, remarks } = noScrub
    ? { texts: rows.map(({ text }) => text), remarks: [] }
    : await scrubbed(rows, options, tell)
  if (noScrub)
    tell('warning: --no-scrub: client secrets, e-mail addresses, names, attributes and id_tokens are in it as they are')
  const { differing, differences, warnings } = await checkRows(texts, release, out ?? 'captured rows')
  for (const warning of warnings) tell(`warning: ${warning}`)
  tell(comesBack(differing, rows.length, release.name))
  for (const remark of [...differences, ...remarks]) tell(`warning: ${remark}`)
  const text = fixtureText(texts)
  if (out === undefined) return text
  await writingTo(out, writeWhole(out, text, ONLY_MINE))
  tell(`written to ${out}`)
  return ''
}

/** Words what keeps a file from being written. */
async function writingTo(out: string, done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (error) {
    throw writeError('--out', out, error as NodeJS.ErrnoException)
  }
}

/** A row a line. */
function fixtureText(texts: string[]): string {
  return texts.length === 0 ? '[]\n' : `[\n${texts.join(',\n')}\n]\n`
}

async function scrubbed(rows: RowRead[], { salt }: CaptureOptions, tell: Output['tell']): Promise<Scrubbed> {
  const fakeData = await loadFakeData(salt ?? randomBytes(32).toString('hex'))
  const done = scrub(
    rows.map(({ body }) => body),
    fakeData,
  )
  tell(`replaced: ${done.replaced}`)
  tell(`kept: ${done.kept}`)
  return done
}

function comesBack(differing: number[], count: number, release: string): string {
  if (differing.length === 0) return `with --release ${release}, all of it comes back byte for byte`
  const shown = `${differing.slice(0, SHOWN).join(', ')}${differing.length > SHOWN ? ' …' : ''}`
  return `warning: with --release ${release}, ${differing.length} of ${count} rows come back otherwise than they are in the file: ${shown}`
}
