import { withoutExpiry } from '../../routes/api/v3/oauth2/refresh_tokens/body.js'
import { type Client, createClient } from '../../upstream/client.js'
import { TargetError } from '../../upstream/error.js'
import { findOutRelease } from '../../upstream/release.js'
import { type RowRead, type RowsRead, readRows } from '../../upstream/rows.js'
import type { WireAnswer } from '../../upstream/wire.js'
import { type Caller, findOutCaller, startTwin } from '../../verify/caller.js'
import type { Question } from '../../verify/question.js'
import { FORMATS } from '../../verify/report.js'
import { deletion, questionsFor } from '../../verify/requests.js'
import { type Course, compareAll } from '../../verify/verify.js'
import { UsageError } from '../command-line.js'
import type { VerifyOptions } from '../options.js'
import { INSECURE, type Talk } from './talk.js'

const PAGE_SIZE = 100

/**
 * Holds the mock against a real authentik. Returns the report, and whether all of it agrees.
 *
 * @throws UsageError, TargetError, UnreachableError, FixtureError
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
  await using mock = await startTwin(rows, found.release.name, token, asAllowed(caller, allowDelete))
  await mock.clock.set(dateOf(read.first, client.url))
  const questions = chosen(questionsFor(rows, token), options.only)
  if (allowDelete !== undefined) questions.push(...deletion(allowDelete))
  const course = await compareAll(questions, rows, client, mock, progress)
  const after = await readAll(client, options)
  const agrees = course.compared.every(({ differences }) => differences.length === 0)
  const verdict = {
    target: client.url,
    release: found.release.name,
    how: found.how,
    evidence: found.release.evidence,
    rows: rows.length,
    caller: caller.superuser ? 'a superuser' : `no superuser; may ${caller.permissions.join(', ') || 'nothing more'}`,
    verdict: agrees ? ('agree' as const) : ('differ' as const),
    ...course,
    notes: notesOf(course, read, after, allowDelete),
  }
  return { text: FORMATS[format](verdict), agrees }
}

/** @throws UsageError for a class that there is not */
function chosen(questions: Question[], only: string[]): Question[] {
  const classOf = ({ name }: Question) => name.split('/')[0] ?? ''
  const classes = [...new Set(questions.map(classOf))]
  const unknown = only.find((name) => !classes.includes(name))
  if (unknown !== undefined) throw new UsageError(`--only: found ${unknown}; allowed: ${classes.join(', ')}`)
  return only.length === 0 ? questions : questions.filter((question) => only.includes(classOf(question)))
}

async function readAll(client: Client, { limit }: VerifyOptions): Promise<RowsRead> {
  const read = await readRows(client, { pageSize: Math.min(PAGE_SIZE, limit), limit, areTaken: true }, () => {})
  if (read.count <= limit) return read
  throw new TargetError(`--limit: found ${limit}, but ${client.url} has ${read.count} rows; allowed: as many or more`)
}

/** The time by the target's own clock. */
function dateOf({ headers }: WireAnswer, url: string): string {
  const date = new Date(String(headers['date']))
  const year = date.getUTCFullYear()
  if (year >= 1 && year <= 9999) return date.toISOString()
  throw new TargetError(`--target: found ${url}, whose answers have no Date; allowed: an authentik`)
}

/** Whether the caller may delete is seen only when it is tried. */
function asAllowed(caller: Caller, allowDelete: number | undefined): Caller {
  if (allowDelete === undefined) return caller
  return { ...caller, permissions: [...caller.permissions, 'delete_refreshtoken'] }
}

function notesOf(
  { proxyHeaders }: Course,
  before: RowsRead,
  after: RowsRead,
  allowDelete: number | undefined,
): string[] {
  const changed = changesBetween(before.rows, after.rows, allowDelete)
  return [
    ...(proxyHeaders.length === 0
      ? []
      : [`not compared: ${proxyHeaders.join(', ')}, of a proxy before the target; not sent: other hosts`]),
    ...(allowDelete === undefined ? ['not sent: DELETE, which --allow-delete PK allows for one row'] : []),
    ...(changed > 0
      ? [`${changed} rows of the target came, went or changed meanwhile: what differs may come from that; verify again`]
      : []),
  ]
}

function changesBetween(before: RowRead[], after: RowRead[], allowDelete: number | undefined): number {
  const texts = (rows: RowRead[]) => new Map(rows.map(({ body, text }) => [body.pk, withoutExpiry(text)]))
  const [a, b] = [texts(before), texts(after)]
  const pks = new Set([...a.keys(), ...b.keys()])
  return [...pks].filter((pk) => pk !== allowDelete && a.get(pk) !== b.get(pk)).length
}
