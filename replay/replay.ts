import type { WireAnswer } from '../src/upstream/wire.js'
import type { Difference } from './compare.js'
import { readFacts } from './facts.js'
import { type Answered, type Judge, judge } from './judge.js'
import { allowanceOf, type KnownDifference } from './known.js'
import { shorten } from './match.js'
import { beginOf, momentOf } from './moments.js'
import { batchesOf, readRecording, type Step } from './recording.js'
import { requestOf } from './requests.js'
import { openServer, type Server } from './server.js'
import { type Cookies, createSessions, type Sessions } from './sessions.js'
import { type SignIn, signInsOf } from './sign-ins.js'
import { createVerifier } from './signatures.js'
import { createValues, fieldsOf, forget, learn, learnWalk, MissingValue, sectionOf } from './values.js'
import { walkFrom } from './walks.js'
import { readWorld } from './world.js'

export interface ReplayOptions {
  /** The files of the recording and of its world. */
  recorded: string
  world: string
  /** Instead of the one that the recording names. */
  release?: string | undefined
  /** Only these steps are judged; all are sent. */
  only?: RegExp | undefined
  /** A server that runs already, or several that are one; without it, a mock is started. */
  url?: string | string[] | undefined
  known?: KnownDifference[]
}

export interface Outcome {
  passed: number
  /** Steps that differ, and listed differences that are no longer there. */
  failed: number
  /** Steps that differ only as listed. */
  listed: number
  /** Steps that were sent and not judged. */
  sent: number
  /** A line for each difference. */
  lines: string[]
}

interface Run extends Judge {
  server: Server
  sessions: Sessions
  signIns: Map<Step, SignIn[]>
}

/**
 * Sends every step of a recording in order, and holds the answers against the recorded ones.
 *
 * @throws ReplayError
 */
export async function replay(options: ReplayOptions): Promise<Outcome> {
  const recording = readRecording(options.recorded)
  const facts = readFacts(options.world, recording)
  const release = options.release ?? recording.release
  const signIns = signInsOf(recording, facts)
  await using server = await openServer({
    ...{ url: options.url, release, begin: beginOf(recording) },
    world: readWorld(options.world, recording),
  })
  const run: Run = {
    recording,
    facts,
    values: createValues(recording, facts.keys),
    server,
    sessions: createSessions(server, facts),
    signIns,
    verifier: createVerifier((path) => server.send({ path }), facts),
  }
  const allowance = allowanceOf(options.known ?? [], release)
  const outcome: Outcome = { passed: 0, failed: 0, listed: 0, sent: 0, lines: [] }
  for (const batch of batchesOf(recording.steps)) {
    for (const [step, found] of await runBatch(batch, run)) {
      if (!isJudged(step, options)) {
        outcome.sent++
        continue
      }
      allowance.judged(step.name)
      const others = found.filter(({ what }) => !allowance.allows(step.name, what))
      outcome[others.length > 0 ? 'failed' : found.length > 0 ? 'listed' : 'passed']++
      outcome.lines.push(...others.map((difference) => lineOf(step, difference)))
    }
  }
  for (const { steps, reason } of allowance.unneeded()) {
    outcome.failed++
    outcome.lines.push(`${steps}: listed as different (${reason}), but it is not; take it off the list`)
  }
  return outcome
}

function isJudged({ name, withheld }: Step, { only }: ReplayOptions): boolean {
  return withheld !== true && (only?.test(name) ?? true)
}

/** Sends steps at once, and then learns from them and judges them one by one. */
async function runBatch(batch: Step[], run: Run): Promise<[Step, Difference[]][]> {
  const refused = await signInBefore(batch, run)
  const now = momentOf(batch, run.recording)
  if (now !== undefined) await run.server.setClock(now)
  if (batch.length > 1) await run.server.raceNext(batch.length, new URL(batch[0]?.path ?? '', 'http://a').pathname)
  const sent = await Promise.all(batch.map((step) => sendStep(step, run)))
  const judged: [Step, Difference[]][] = []
  for (const [i, step] of batch.entries()) {
    const found = await settle(step, sent[i] as Sent, run)
    judged.push([step, i === 0 ? [...refused, ...found] : found])
  }
  return judged
}

async function signInBefore(batch: Step[], { server, sessions, signIns }: Run): Promise<Difference[]> {
  const refused: Difference[] = []
  for (const { username, at } of batch.flatMap((step) => signIns.get(step) ?? [])) {
    if (at !== undefined) await server.setClock(at)
    const issue = await sessions.signIn(username)
    if (issue !== undefined) refused.push({ what: `sign-in of ${username}`, got: issue, wanted: 'a session cookie' })
  }
  return refused
}

/** Keys of rows may be longer or shorter here: then an answer to HEAD is held against that to GET. */
function hasOtherLength({ method, path, responseHeaders }: Step, { headers }: WireAnswer): boolean {
  const recorded = responseHeaders?.['content-length']
  const isCounted = method === 'HEAD' && sectionOf(path) !== undefined
  return isCounted && recorded !== undefined && recorded !== headers['content-length']
}

type Sent = { answer: WireAnswer; cookies: Cookies; twin?: WireAnswer | undefined } | { error: Error }

async function sendStep(step: Step, run: Run): Promise<Sent> {
  const { server, sessions, values } = run
  const cookies = sessions.browserOf(step)
  try {
    const request = requestOf(step, values, cookies)
    const answer = await server.send(request)
    const twin = hasOtherLength(step, answer) ? await server.send({ ...request, method: 'GET' }) : undefined
    sessions.take(step, cookies, answer)
    return { answer, cookies, twin }
  } catch (error) {
    return { error: error as Error }
  }
}

async function settle(step: Step, sent: Sent, run: Run): Promise<Difference[]> {
  const { values } = run
  forgetEarlier(step, run)
  if ('error' in sent) {
    const isMissing = sent.error instanceof MissingValue
    return [
      {
        what: isMissing ? 'not sent' : 'no answer',
        got: sent.error.message,
        wanted: isMissing ? 'a value that an answer held' : 'an answer',
      },
    ]
  }
  const { answer, cookies, twin } = sent
  const fields = fieldsOf(answer)
  const stale = learn(values, step.name, fields)
  const ended = await walkFrom(step, answer, cookies, run)
  if (ended !== undefined) learnWalk(values, step.name, ended.fields)
  return step.withheld === true ? [] : judge({ step, answer, fields, stale, walk: ended, twin } satisfies Answered, run)
}

/** A name that an earlier step had as well speaks of the later one from now on. */
function forgetEarlier(step: Step, { recording, values }: Run): void {
  if (recording.steps.find(({ name }) => name === step.name) !== step) forget(values, step.name)
}

function lineOf({ name }: Step, { what, got, wanted }: Difference): string {
  return `${name}: ${what}: got ${shown(got)}, wanted ${shown(wanted)}`
}

function shown(value: unknown): string {
  if (value === undefined) return 'none'
  return typeof value === 'string' && value !== '' ? value : shorten(JSON.stringify(value))
}
