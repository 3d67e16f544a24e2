import type { WireAnswer } from '../src/upstream/wire.js'
import type { Facts } from './facts.js'
import type { Recording, Step } from './recording.js'
import type { Server } from './server.js'
import type { Cookies } from './sessions.js'
import { usernameOf } from './sign-ins.js'
import type { Values } from './values.js'
import { redirectOf, type Walk, walk } from './walker.js'

export interface Walking {
  facts: Facts
  recording: Recording
  server: Server
  values: Values
}

const SIGN_IN = '/flows/-/default/authentication/'
const FLOW = /^\/(?:if\/flow|flows\/-\/default\/invalidation)\//

/**
 * Goes on from an answer that leads somebody who is signed in to a page, as the recorder did: where a recording does not
 * say where that ended, it went on all the same. Undefined: there is nowhere to go.
 */
export async function walkFrom(
  step: Step,
  answer: WireAnswer,
  cookies: Cookies,
  { facts, recording, server, values }: Walking,
): Promise<Walk | undefined> {
  const username = usernameOf(step, facts)
  const location = redirectOf(answer)
  if (username === undefined || location === undefined || step.method !== 'GET') return undefined
  if (step.ends === undefined && !FLOW.test(location)) return undefined
  const user = step.path.startsWith(SIGN_IN) ? [username, facts.pks.get(username) ?? ''] : undefined
  const code = deviceCodeFor(step, recording, values)
  return walk(location, { send: server.send, cookies, user, code }).catch((error) => ({
    end: error.message,
    fields: new Map(),
  }))
}

/** The code in the path, or that of the device which asks for its tokens next. */
function deviceCodeFor(step: Step, { steps }: Recording, { named }: Values): string | undefined {
  if (!step.path.startsWith('/device')) return undefined
  const inPath = /[?&]code=([^&]*)/.exec(step.path)?.[1]
  if (inPath !== undefined) return named.get(/^\{\{(.+)\}\}$/.exec(inPath)?.[1] ?? '') ?? inPath
  for (const { form } of steps.slice(steps.indexOf(step))) {
    const begun =
      typeof form === 'object' ? /^\{\{(.+)#device_code\}\}$/.exec(form['device_code'] ?? '')?.[1] : undefined
    if (begun !== undefined) return named.get(`${begun}#code`)
  }
  return undefined
}
