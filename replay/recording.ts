import { readFileSync } from 'node:fs'
import { parseIso } from '../src/world/instant.js'

/** A recording of OAuth2 requests and of what a real authentik answered, as `test/conformance/oauth2/` holds them. */
export interface Recording {
  release: string
  steps: Step[]
  /** Large answers, each once. */
  bodies: string[]
  /** What each token says, by the name of its value: `step#field`. */
  tokens: Record<string, RecordedToken>
}

/** A request, and its answer unless that is withheld. `{{step#field}}` stands for what the server drew. */
export interface Step {
  name: string
  /** When it was sent. Steps that follow one another with the same moment were sent at once. */
  at?: string
  /** Who was signed in by cookie: a username or uid. Null: a session of nobody. Absent: no session cookie. */
  session?: string | null
  csrfCookie?: boolean
  method: string
  path: string
  /** Null takes a default one away. */
  headers?: Record<string, string | null>
  /** Fields, or the text of a form as it was sent. */
  form?: string | Record<string, string>
  body?: string
  withheld?: boolean
  status?: number
  responseHeaders?: Record<string, string | string[]>
  /** Names and attributes: `authentik_session=…; HttpOnly; Path=/; SameSite=Lax`. */
  setsCookies?: string[]
  responseBody?: string
  /** Its place in `bodies`. */
  responseBodyAt?: number
  /** A page for people: only its title is compared. */
  html?: { title?: string }
  /** Where the walk through authentik's own pages ended that this request began. */
  ends?: string
}

export interface RecordedToken {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  /** The header of an encrypted token, whose inner claims are not recorded. */
  jwe?: Record<string, unknown>
}

/** A file or an option that the user has to mend. */
export class ReplayError extends Error {
  override name = 'ReplayError'
}

/** @throws ReplayError */
export function readRecording(file: string): Recording {
  const { release, steps, bodies = [], tokens = {} } = readJson(file, '--recorded') as Partial<Recording>
  if (typeof release !== 'string' || !Array.isArray(steps))
    throw new ReplayError(`--recorded: ${file} is no recording; allowed: an object with release and steps`)
  const recording = { release, steps, bodies, tokens }
  for (const [i, step] of steps.entries()) {
    const issue = issueOf(step, bodies)
    if (issue !== undefined) throw new ReplayError(`--recorded: ${file}: steps[${i}] (${step?.name}): ${issue}`)
  }
  return recording
}

/** @throws ReplayError */
export function readJson(file: string, option: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new ReplayError(`${option}: ${file} cannot be read: ${(error as Error).message}`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ReplayError(`${option}: ${file} is no JSON: ${(error as Error).message}`)
  }
}

function issueOf(step: Step, bodies: string[]): string | undefined {
  for (const key of ['name', 'method', 'path'] as const)
    if (typeof step?.[key] !== 'string') return `${key} is missing; every step has a name, a method and a path`
  if (step.at !== undefined && parseIso(step.at) === undefined) return `at is ${step.at}; allowed: an ISO 8601 moment`
  if (step.withheld === true) return undefined
  if (typeof step.status !== 'number') return 'status is missing; allowed only where withheld is true'
  if (step.responseBodyAt !== undefined && bodies[step.responseBodyAt] === undefined)
    return `responseBodyAt is ${step.responseBodyAt}, but there are ${bodies.length} bodies`
  return undefined
}

/** The recorded body of an answer. Undefined: a page, or withheld. */
export function bodyOf(step: Step, { bodies }: Recording): string | undefined {
  return step.responseBodyAt === undefined ? step.responseBody : bodies[step.responseBodyAt]
}

/** Steps that were sent at once, in the order of the file. */
export function batchesOf(steps: Step[]): Step[][] {
  const batches: Step[][] = []
  for (const step of steps) {
    const last = batches.at(-1)
    if (step.at !== undefined && last?.[0]?.at === step.at) last.push(step)
    else batches.push([step])
  }
  return batches
}
