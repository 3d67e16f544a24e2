import { parse } from 'node:querystring'
import type { Answer } from '../../authentik/answer.js'
import type { RequestContext } from '../../authentik/context.js'
import { lazyImport } from '../../world/lazy.js'
import { hasTemplate } from '../../world/stubs/prepare.js'
import type { StubSeed } from '../bodies.js'
import { answerOf } from '../faults/fault-effect.js'
import type { Found } from './stubs.js'

/** What a stub answers, with values of the request filled in. */

const loadTemplates = lazyImport(() => import('../../world/stubs/template.js'))

/** @param body what the client sent, read as JSON or a form */
export async function answerOfStub({ stub, names }: Found, ctx: RequestContext, body: unknown): Promise<Answer> {
  if (!hasTemplate(stub)) return plainAnswer(stub)
  const { createFilling } = await loadTemplates()
  const { method, query, request } = ctx
  const last = Object.entries(query).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value])
  const url = ctx.queryText === '' ? ctx.path : `${ctx.path}?${ctx.queryText}`
  const scope = { method, url, path: names, query: Object.fromEntries(last), headers: { ...request.headers }, body }
  const { fill, fillText } = createFilling(scope)
  const headers = Object.entries(stub.headers ?? {}).map(([name, value]) => [name, visibleAscii(fillText(value))])
  return plainAnswer({
    ...stub,
    headers: Object.fromEntries(headers),
    ...(stub.body !== undefined && { body: fill(stub.body) }),
    ...(stub.text !== undefined && { text: fillText(stub.text) }),
  })
}

/** What came of the request must not become another header. */
function visibleAscii(text: string): string {
  return text.replace(/[^\t -~]/g, '?')
}

function plainAnswer({ status = 200, headers, body, text, base64 }: StubSeed): Answer {
  const answer = answerOf(
    {
      status,
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
      ...(text !== undefined && { body: text }),
    },
    undefined,
  ) as Answer
  if (base64 !== undefined) answer.body = { plain: Buffer.from(base64, 'base64') }
  if (status === 204 || status === 205 || status === 304) answer.ends = 'unsaid'
  return answer
}

/** What a client sent, as a stub sees it: JSON, or the fields of a form. Undefined: neither. */
export function readBody(bytes: Buffer, contentType = ''): unknown {
  const text = bytes.toString('utf8')
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) return { ...parse(text) }
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
