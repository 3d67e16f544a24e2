import type { WireAnswer } from '../src/target/wire.js'
import type { Micros } from '../src/world/instant.js'
import type { Difference } from './compare.js'
import { readFacts } from './facts.js'
import { type Answered, issuedAt, type Judge, judge } from './judge.js'
import { allowanceOf, type KnownDifference } from './known.js'
import { shorten } from './match.js'
import { batchesOf, type Recording, readRecording, type Step } from './recording.js'
import { requestOf } from './requests.js'
import { openServer, type Server } from './server.js'
import { type Cookies, createSessions, type Sessions } from './sessions.js'
import { atOf, type SignIn, signInsOf, usernameOf } from './sign-ins.js'
import { createVerifier } from './signatures.js'
import { createValues, fieldsOf, forget, learn, learnWalk, MissingValue, type Values } from './values.js'
import { redirectOf, type Walk, walk } from './walker.js'

export interface ReplayOptions {
  /** The files of the recording and of its world. */
  recorded: string
  world: string
  /** Instead of the one that the recording names. */
  release?: string | undefined
  /** Only these steps are judged; all are sent. */
  only?: RegExp | undefined
  /** A server that runs already; without it, a mock is started. */
  url?: string | undefined
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
  await using server = await openServer({ ...options, release, begin: beginOf(recording) })
  const run: Run = {
    recording,
    facts,
    values: createValues(recording),
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
  const { server, sessions, signIns, recording } = run
  for (const { username, at } of batch.flatMap((step) => signIns.get(step) ?? [])) {
    if (at !== undefined) await server.setClock(at)
    await sessions.signIn(username)
  }
  const now = momentOf(batch, recording)
  if (now !== undefined) await server.setClock(now)
  const sent = await Promise.all(batch.map((step) => sendStep(step, run)))
  const judged: [Step, Difference[]][] = []
  for (const [i, step] of batch.entries()) judged.push([step, await settle(step, sent[i] as Sent, run)])
  return judged
}

type Sent = { answer: WireAnswer; cookies: Cookies } | { error: Error }

async function sendStep(step: Step, { server, sessions, values }: Run): Promise<Sent> {
  const cookies = sessions.browserOf(step)
  try {
    const answer = await server.send(requestOf(step, values, cookies))
    sessions.take(step, cookies, answer)
    return { answer, cookies }
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
  const { answer, cookies } = sent
  const fields = fieldsOf(answer)
  const stale = learn(values, step.name, fields)
  const ended = await walkFrom(step, answer, cookies, run)
  if (ended !== undefined) learnWalk(values, step.name, ended.fields)
  return step.withheld === true ? [] : judge({ step, answer, fields, stale, walk: ended } satisfies Answered, run)
}

/** A name that an earlier step had as well speaks of the later one from now on. */
function forgetEarlier(step: Step, { recording, values }: Run): void {
  if (recording.steps.find(({ name }) => name === step.name) !== step) forget(values, step.name)
}

const SIGN_IN = '/flows/-/default/authentication/'
const FLOW = /^\/(?:if\/flow|flows\/-\/default\/invalidation)\//

/** Somebody who is signed in is led to a page: the recorder went on from there. Undefined: it did not. */
async function walkFrom(step: Step, answer: WireAnswer, cookies: Cookies, run: Run): Promise<Walk | undefined> {
  const { facts, server, recording, values } = run
  const username = usernameOf(step, facts)
  const location = redirectOf(answer)
  if (username === undefined || location === undefined || step.method !== 'GET') return undefined
  if (step.ends === undefined && !FLOW.test(location)) return undefined
  const user = step.path.startsWith(SIGN_IN) ? [username, facts.pks.get(username) ?? ''] : undefined
  return walk(location, { send: server.send, cookies, user, code: deviceCodeFor(step, recording, values) })
}

/** The code in the path, or that of the device which asks for its tokens next. */
function deviceCodeFor({ path, name }: Step, { steps }: Recording, values: Values): string | undefined {
  if (!path.startsWith('/device')) return undefined
  const inPath = /[?&]code=\{\{([^}]+)\}\}/.exec(path)?.[1]
  const next = steps
    .slice(steps.findIndex((step) => step.name === name))
    .map(({ form }) =>
      typeof form === 'object' ? /\{\{(.+)#device_code\}\}/.exec(form['device_code'] ?? '')?.[1] : undefined,
    )
  const begun = next.find((found) => found !== undefined)
  return values.named.get(inPath ?? `${begun}#code`)
}

/**
 * The moment to which the clock is set: `at`, or the second of the recorded tokens where that had begun before they
 * were issued. Undefined: it stays.
 */
function momentOf(batch: Step[], recording: Recording): Micros | undefined {
  const at = atOf(batch[0])
  const issued = Math.max(...batch.map((step) => issuedAt(step, recording) ?? 0)) * 1e6
  if (at === undefined) return issued > 0 ? issued : undefined
  return issued > at && issued < at + 2e6 ? issued : at
}

/** Steps without `at` began with codes made beforehand: these were issued when their people signed in. */
function beginOf({ steps, tokens }: Recording): Micros | undefined {
  if (steps.some(({ at }) => at !== undefined)) return undefined
  const first = Object.values(tokens)[0]?.claims?.['auth_time']
  return first === undefined ? undefined : Number(first) * 1e6
}

function lineOf({ name }: Step, { what, got, wanted }: Difference): string {
  return `${name}: ${what}: got ${shown(got)}, wanted ${shown(wanted)}`
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : shorten(JSON.stringify(value))
}
