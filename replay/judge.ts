import type { WireAnswer } from '../src/upstream/wire.js'
import { compareAnswer, type Difference } from './compare.js'
import { type Place, shorten } from './match.js'
import { driftOf } from './moments.js'
import { bodyOf, type Recording, type Step } from './recording.js'
import type { Verifier } from './signatures.js'
import { checkToken, thumbprintDifferences } from './tokens.js'
import type { Walk } from './walker.js'

/** What came of a step. */
export interface Answered {
  step: Step
  answer: WireAnswer
  /** What the answer and the walk that it began gave out. */
  fields: Map<string, string>
  /** Values that an earlier step had, by field: its name. */
  stale: [field: string, before: string][]
  walk?: Walk | undefined
  /** For HEAD, the answer to GET at the same path, if rows are counted there. */
  twin?: WireAnswer | undefined
}

export interface Judge extends Omit<Place, 'form' | 'drift'> {
  recording: Recording
  verifier: Verifier
}

/** Everything in which an answer is not as recorded. */
export async function judge(answered: Answered, { recording, verifier, ...place }: Judge): Promise<Difference[]> {
  const { step, answer, walk, stale, twin } = answered
  const { differences, others } = compareAnswer(
    step,
    answer,
    walk,
    recording,
    { ...place, form: 'json', drift: 1 },
    twin,
  )
  const found = [...differences, ...shapeDifferences(answered, recording)]
  for (const [field, before] of stale)
    if (names(step, recording).has(field))
      found.push({ what: `value ${field}`, got: `that of ${before}`, wanted: 'a new one' })
  for (const check of ownTokens(answered, recording))
    found.push(...(await checkToken(check, { ...place, form: 'json', drift: driftOf(step, recording) }, verifier)))
  for (const [name, token] of others)
    found.push(
      ...(await checkToken(
        { field: name, token, recorded: recording.tokens[name], beside: new Map() },
        { ...place, form: 'json', drift: 1 },
        verifier,
      )),
    )
  const isJwks = found.length === 0 && answer.body.startsWith('{"keys"')
  return isJwks ? thumbprintDifferences(answer.body) : found
}

/** The tokens that the recorded answer gives a name of its own. */
function ownTokens({ step, fields }: Answered, recording: Recording) {
  return [...names(step, recording)].flatMap((field) => {
    const token = fields.get(field)
    const isToken = field === 'access_token' || field === 'id_token'
    return isToken && token !== undefined
      ? { field, token, recorded: recording.tokens[`${step.name}#${field}`], beside: fields }
      : []
  })
}

/** What authentik draws: the recording keeps only the names. Codes are UUIDs of version 4, those of devices digits. */
const SHAPES: Record<string, [shape: RegExp, said: string]> = {
  refresh_token: [/^[0-9A-Za-z]{128}$/, '128 letters and digits'],
  device_code: [/^[!-~]{128}$/, '128 printable characters'],
  code: [/^(?:[0-9a-f]{12}4[0-9a-f]{19}|\d{9})$/, '32 hex digits, the 13th a 4; of a device 9 digits'],
}

function shapeDifferences({ step, fields }: Answered, recording: Recording): Difference[] {
  return [...names(step, recording)].flatMap((field) => {
    const [got, known] = [fields.get(field), SHAPES[field]]
    return got === undefined || known === undefined || known[0].test(got)
      ? []
      : [{ what: `value ${field}`, got: shorten(got), wanted: known[1] }]
  })
}

/** The fields of a recorded answer that are new in it. */
function names(step: Step, recording: Recording): Set<string> {
  const text = [bodyOf(step, recording), step.responseHeaders?.['location'], step.ends].join('\n')
  const pattern = /\{\{([^{}#]+)#(\w+)/g
  return new Set([...text.matchAll(pattern)].flatMap(([, name, field = '']) => (name === step.name ? field : [])))
}
